import type { PoolTrouble } from "../../model/memory.ts";
import type { Reason } from "../../model/reasons.ts";
import { formatDuration } from "../../policy/units.ts";
import { affordable } from "../budget.ts";
import { hedgedSpread, lastingText } from "../capacity/hedged-spread.ts";
import { pausedSplit } from "../capacity/paused.ts";
import type { Split } from "../capacity/split.ts";
import { type Spread, type StandingPool, spread } from "../capacity/spread.ts";
import type { Context } from "../context.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";

interface Said {
  readonly reason: Reason;
  readonly detail: string;
}

const TROUBLE: Readonly<Record<PoolTrouble, string>> = {
  NoCapacity: "the cloud had no such node to give",
  QuotaExceeded: "the account's quota is used up",
  NoProgress: "nothing came for too long",
};

/** Why a pool gets less than it would: `llm-spot is left alone for 4m: the cloud had no such node to give (2 times)`. */
function troubleOf({ size, standing }: StandingPool, now: number): string {
  const { trouble, failures, backoffUntil } = size.health;
  const times = failures > 1 ? ` (${failures} times in a row)` : "";
  const why = `${TROUBLE[trouble ?? "NoProgress"]}${times}`;
  const left = Math.max(0, Math.ceil((backoffUntil ?? now) - now));
  if (standing === "backingOff") return `${size.pool.name} is left alone for ${formatDuration(left)}: ${why}`;
  return `${size.pool.name} is tried with one node: ${why}`;
}

const troubled = ({ standing }: StandingPool): boolean => standing === "backingOff" || standing === "probing";

/** Pools whose part differs from what they are asked for now: `llm-spot 2 → 0, llm-ondemand 0 → 2`. */
function changesText({ order }: Spread, pools: Split): string {
  const changed = order.flatMap(({ size }) => {
    const to = pools[size.pool.name] ?? size.desired;
    return to === size.desired ? [] : [`${size.pool.name} ${size.desired} → ${to}`];
  });
  return changed.length === 0 ? "the pools stay as they are" : changed.join(", ");
}

/** Nodes that no pool may take: which pools refuse them, and why. */
function unplacedWhy({ order, unplaced }: Spread, now: number): Said | null {
  if (unplaced === 0) return null;
  const first = order.find(troubled);
  if (first === undefined) return { reason: "NoCapacity", detail: `no pool has room for ${unplaced} more` };
  const reason = first.size.health.trouble === "QuotaExceeded" ? "QuotaExceeded" : "NoCapacity";
  const all = order.filter(troubled).map((p) => troubleOf(p, now));
  return { reason, detail: `no pool may be asked for ${unplaced} more; ${all.join("; ")}` };
}

/** What is going on with the pools, in the order of what a person on call should hear first. */
function said(plan: Spread, pools: Split, now: number): Said | null {
  const none = unplacedWhy(plan, now);
  if (none !== null) return none;
  const changes = changesText(plan, pools);
  const lost = plan.order.filter(({ size }) => size.noticed > 0 || size.evicted > 0);
  if (lost.length > 0) {
    const each = lost.map(({ size }) => `${size.noticed + size.evicted} of ${size.pool.name}`).join(", ");
    return { reason: "Interrupted", detail: `an interruption takes ${each}; ${changes}` };
  }
  const part = ({ size }: StandingPool): number => pools[size.pool.name] ?? size.desired;
  const gaining = plan.order.findIndex((p) => part(p) > p.size.desired);
  const bad = plan.order.findIndex(troubled);
  const first = plan.order[bad];
  if (first !== undefined) {
    const reason = gaining > bad ? "FellBack" : "BackingOff";
    return { reason, detail: `${troubleOf(first, now)}; ${changes}` };
  }
  const returns = plan.order.some((p) => p.size.pool.capacity === "spot" && (plan.ideal[p.size.pool.name] ?? 0) > 0);
  const leaves = plan.order.some(
    (p) => p.size.pool.capacity === "on-demand" && (plan.ideal[p.size.pool.name] ?? 0) < p.size.desired,
  );
  if (returns && leaves) return { reason: "ReturnedToSpot", detail: `on-demand nodes give way to spot; ${changes}` };
  return null;
}

const inPolicyOrder = ({ size }: Context, pools: Split): Split =>
  Object.fromEntries(size.pools.map((p) => [p.pool.name, pools[p.pool.name] ?? p.desired]));

/**
 * Spreads the wanted size over the workload's pools: the on-demand base, then the pools in order of preference as far as they
 * deliver. A pool that fails is left alone for a while and its nodes are asked of the next; once it delivers again and
 * `returnAfter` is over, nodes go back, each only when its replacement is ready.
 */
export function capacity(draft: Draft, context: Context): Step {
  const { size, workload, now } = context;
  const free = draft.blocks.capacitySwitch === undefined;
  const plan = hedgedSpread(context, draft.want, free) ?? spread(size, workload, draft.want, free, now);
  const { pools: paid, limit } = affordable(context, plan.next);
  const pools = inPolicyOrder(context, pausedSplit(draft, plan, paid));
  const next: Draft = { ...draft, pools };
  if (limit !== null)
    return { draft: next, reason: limit.reason, detail: `${limit.detail}; ${changesText(plan, pools)}` };
  const what = said(plan, pools, now);
  const lasting = lastingText(context);
  if (what === null) return unaffected(next, `${changesText(plan, pools)}${lasting}`);
  return { draft: next, reason: what.reason, detail: `${what.detail}${lasting}` };
}
