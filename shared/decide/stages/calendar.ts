import type { Verdict } from "../../model/decision.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { holidaySet } from "../calendar/holidays.ts";
import { calendarSize } from "../calendar/wake.ts";
import { windowsInForce } from "../calendar/windows.ts";
import type { Context } from "../context.ts";
import { type Draft, type Limit, type Step, unaffected } from "../draft.ts";
import { externalInForce, externalText } from "../external.ts";
import { inForce } from "./overrides.ts";

/** Whether anything that may end the calendar's zero does so now: an operator's wake, or any condition of `wakeOn`. */
function wakes(verdicts: readonly Verdict[], context: Context, now: EpochSeconds): Verdict {
  if (inForce(context.memory.overrides, now).some((o) => o.kind === "wake")) return "true";
  return (["true", "pending", "unknown"] as const).find((v) => verdicts.includes(v)) ?? "false";
}

/** The size at which operators keep the workload, whatever the calendar says; null while they leave it free. */
function heldAt(draft: Draft, current: number): number | null {
  if (draft.floor.nodes === draft.ceiling.nodes && draft.floor.reason === "Held") return draft.floor.nodes;
  return draft.pausedUp !== null ? current : null;
}

const tighter = (
  limit: Limit,
  nodes: number | null,
  better: (a: number, b: number) => boolean,
  by: Omit<Limit, "nodes">,
): Limit => (nodes !== null && better(nodes, limit.nodes) ? { ...by, nodes } : limit);

/** What the calendar says when somebody else raised a size that a window keeps down. */
function bouncedBack(
  { ceiling, detail }: { readonly ceiling: number | null; readonly detail: string },
  { memory, size, workload, now }: Context,
): Pick<Limit, "reason" | "detail"> | null {
  const external = externalInForce(memory, workload.respectExternalFor, now);
  if (external === null || ceiling === null || external.to <= Math.max(external.from, ceiling)) return null;
  if (size.desired <= ceiling) return null;
  return { reason: "BouncedBack", detail: `${externalText(external)}, and ${detail}; it goes back to ${ceiling}` };
}

/**
 * The windows in force: a floor, a ceiling or an exact size. Where the ceiling lies below a floor, even the policy's own,
 * the ceiling binds, so that a window can go to zero. Demand or an operator's wake may end the calendar's zero.
 */
export function calendar(draft: Draft, context: Context): Step {
  const { workload, policy, memory, now, size } = context;
  if (workload.schedules.length === 0) return unaffected(draft, "the workload has no schedules");
  const windows = windowsInForce(workload.schedules, policy.timeZone, now, holidaySet(policy.holidays));
  const conditions = windows.wakeOn.map(context.judge);
  const wakeOn = wakes(
    conditions.map((c) => c.verdict),
    context,
    now,
  );
  const asked = calendarSize({
    inForce: windows,
    held: heldAt(draft, size.desired),
    wakeOn,
    wake: memory.calendarWake,
    now,
  });
  const said = bouncedBack(asked, context) ?? asked;
  const { reason, detail } = said;
  const floor = tighter(draft.floor, asked.floor, (a, b) => a > b, { reason, detail });
  const ceiling = tighter(draft.ceiling, asked.ceiling, (a, b) => a < b, { reason, detail });
  return { draft: { ...draft, floor, ceiling, calendarWake: asked.wake }, reason, detail, conditions };
}
