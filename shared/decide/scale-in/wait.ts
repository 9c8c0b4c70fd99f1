import type { Decision } from "../../model/decision.ts";
import type { ScaleInWait, WorkloadMemory } from "../../model/memory.ts";
import type { Workload } from "../../policy/schema/workload.ts";
import { type EpochSeconds, formatDuration } from "../../policy/units.ts";
import { wallText, zoneNamed } from "../calendar/zone.ts";
import type { Context } from "../context.ts";

/** How long nodes that should go have been waited for, and what may be done about it now. */
export interface Wait {
  readonly since: EpochSeconds;
  /** Whether it has lasted for `maxWait`. */
  readonly over: boolean;
  /** Whether nodes that work may be taken all the same. */
  readonly force: boolean;
}

const lastedFor = (since: EpochSeconds, { scaleIn }: Workload, now: EpochSeconds): boolean =>
  now - since >= scaleIn.maxWait;

/** The wait as it stands now; one that has not begun would begin now. */
export function waitOf({ memory, workload, now }: Pick<Context, "memory" | "workload" | "now">): Wait {
  const since = memory.scaleIn?.since ?? now;
  const over = lastedFor(since, workload, now);
  return { since, over, force: over && workload.scaleIn.then === "force" };
}

/** The wait to remember: it lasts as long as the stage finds nodes to wait for, or to take by force. */
export function waitAfter(context: Context, { stages }: Pick<Decision, "stages">): ScaleInWait | null {
  const waits = stages.some(({ stage, reason }) => stage === "scale-in" && reason === "BusyNodes");
  return waits ? { since: waitOf(context).since } : null;
}

/** Whether the wait ran out between the look that left `before` and the one, at `now`, that left `after`. */
export function ranOut(before: WorkloadMemory, after: WorkloadMemory, workload: Workload, now: EpochSeconds): boolean {
  if (after.scaleIn === null || !lastedFor(after.scaleIn.since, workload, now)) return false;
  return before.lastDecision === null || !lastedFor(after.scaleIn.since, workload, before.lastDecision.at);
}

/** `waiting since Wed 14:03 Europe/Berlin, at most 2h`, or what becomes of it once that is over. */
export function waitText({ since, over, force }: Wait, { policy, workload }: Context): string {
  const zone = zoneNamed(policy.timeZone) ?? zoneNamed("UTC");
  const time =
    zone === null ? new Date(since * 1000).toISOString() : `${wallText(zone.wallAt(since), false)} ${zone.name}`;
  const most = formatDuration(workload.scaleIn.maxWait);
  if (force) return `waiting since ${time}; the wait of ${most} is over and they are taken by force`;
  if (over) return `waiting since ${time}; the wait of ${most} is over and a person is to decide`;
  return `waiting since ${time}, at most ${most}`;
}
