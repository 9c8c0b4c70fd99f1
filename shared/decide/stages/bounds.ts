import { POOL_ERRORS } from "../../model/pool.ts";
import { budgetCeiling } from "../budget.ts";
import type { Context } from "../context.ts";
import { type Draft, type Limit, type Step, unaffected } from "../draft.ts";
import { held } from "./guards.ts";

/** The most that the clouds accept for all the workload's pools together; never less than there is, for it only stops growth. */
function cloudCeiling(context: Context): Limit {
  const { pools, desired } = context.size;
  const nodes = Math.max(
    desired,
    pools.reduce((sum, p) => sum + p.max, 0),
  );
  return { nodes, reason: "AtMaximum", detail: `the clouds' own maxima for the pools add up to ${nodes}` };
}

const lower = (a: Limit, b: Limit): Limit => (b.nodes < a.nodes ? b : a);

/** The size once operators' pauses are honoured: they outrank every bound. */
function paused(draft: Draft, want: number, current: number): Step | null {
  const block = want > current ? draft.pausedUp : want < current ? draft.pausedDown : null;
  if (block === null) return null;
  return { draft: { ...draft, want: current }, reason: block.reason, detail: `${block.detail}; it would be ${want}` };
}

/** Pools whose cloud did not answer keep their size: the rest may grow, but nothing is taken from what cannot be seen. */
function unseen(draft: Draft, want: number, context: Context): Step | null {
  const [first] = context.size.unseen;
  if (first?.unseen === undefined || first.unseen === null) return null;
  const all = context.size.unseen.length === context.size.pools.length;
  if (want === context.size.desired || (want > context.size.desired && !all)) return null;
  const kind = first.unseen.kind;
  const reason = kind === "Forbidden" || kind === "NotFound" || kind === "Invalid" ? kind : "CloudUnavailable";
  const hint = POOL_ERRORS[kind] === "retry" ? "; the next run tries again" : "";
  return { draft: { ...draft, want: context.size.desired }, reason, detail: `${first.unseen.message}${hint}` };
}

/** A guard outranks the calendar's ceiling, though not `nodes.max`: what must not shrink now is taken by a later run. */
function guarded(draft: Draft, want: number, ceiling: Limit, { size, workload }: Context): Step | null {
  const current = size.desired;
  const byCalendar = ceiling.reason === "WindowStarted" || ceiling.reason === "BouncedBack";
  if (!byCalendar || want >= current) return null;
  const { want: kept, by } = held(want, draft.blocks, current);
  if (by === null) return null;
  const next = { ...draft, want: Math.min(kept, workload.nodes.max) };
  return { draft: next, reason: by.reason, detail: `${by.detail}; ${ceiling.detail} waits` };
}

/**
 * Floor and ceiling: the policy's `nodes`, an operator's hold, the calendar, the clouds' own maxima, the budget. They bind at
 * once, past windows and rate limits, as HPA's min and max do. A ceiling below a floor wins: it costs less and can be seen.
 * A budget stops growth and never shrinks.
 */
export function bounds(draft: Draft, context: Context): Step {
  const current = context.size.desired;
  const floored = Math.max(draft.want, draft.floor.nodes);
  const allowed = Math.min(floored, draft.ceiling.nodes);
  const stopped =
    paused(draft, allowed, current) ??
    unseen(draft, allowed, context) ??
    guarded(draft, allowed, draft.ceiling, context);
  if (stopped !== null) return stopped;
  const clouds = lower(draft.ceiling, cloudCeiling(context));
  const budget = budgetCeiling(context, Math.min(floored, clouds.nodes));
  const ceiling = budget === null ? clouds : lower(clouds, budget);
  const bound = floored > ceiling.nodes ? ceiling : draft.want < draft.floor.nodes ? draft.floor : null;
  if (bound === null) return unaffected(draft, `within ${draft.floor.nodes} and ${ceiling.nodes}`);
  return { draft: { ...draft, want: Math.min(floored, ceiling.nodes) }, reason: bound.reason, detail: bound.detail };
}
