import type { Causes } from "../../model/memory.ts";
import { own } from "../../policy/own.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../../policy/units.ts";
import { formatValue } from "../conditions.ts";
import type { Context } from "../context.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";
import { logicalPerCard } from "../placement/gpu-counts.ts";

/** A signal that moved less than this, as a share of what it was, has not answered to the nodes that were added. */
const MOVED = 0.05;
/** Growths without effect after which growing stops. */
const FUTILE_GROWTHS = 2;
/** Changes of direction within an hour after which shrinking waits. */
const MAX_TURNS = 3;
const TURNS_WINDOW: Seconds = 3600;

/** The changes of direction that still count. */
export const recentTurns = (turns: readonly EpochSeconds[], now: EpochSeconds): readonly EpochSeconds[] =>
  turns.filter((at) => now - at < TURNS_WINDOW);

const moved = (before: number, now: number): boolean => Math.abs(now - before) > MOVED * Math.abs(before);

/** The signals that ask for growth and have not moved through the last growths; null unless that is all of them. */
function unmoved(causes: Causes, context: Context): string | null {
  const last = context.memory.growth.made.slice(-FUTILE_GROWTHS);
  const asking = Object.entries(causes);
  if (last.length < FUTILE_GROWTHS || asking.length === 0) return null;
  const futile = asking.every(([signal, value]) =>
    last.every(({ causes: then }) => {
      const before = own(then, signal);
      return before !== undefined && !moved(before, value);
    }),
  );
  return futile ? asking.map(([signal, value]) => `${signal} is still ${formatValue(value)}`).join(", ") : null;
}

/** Nodes that are ready and whose GPUs pods cannot get; null when unknown or none. */
function withoutGpu({ workload, size, reading }: Context): number | null {
  const { allocatable, perNode } = workload.gpu;
  if (allocatable === undefined) return null;
  const offered = reading(allocatable);
  if (offered.kind !== "known") return null;
  const useful = Math.floor(offered.value / (perNode * logicalPerCard(workload.gpu)));
  return size.ready > useful ? size.ready - useful : null;
}

/** Whether the last change had its time: nodes take a while to load their driver. */
function hadItsTime({ memory, now, workload }: Context): boolean {
  const since = memory.lastChange?.at;
  return since === undefined || now - since >= workload.provisionTimeout;
}

/**
 * Stops what does no good. Growing stops when it was done twice for the same signals and they did not move, or when nodes
 * come up without a GPU. Shrinking waits while the size has changed direction too often. Floors are served all the same.
 */
export function effectiveness(draft: Draft, context: Context): Step {
  const { size, memory, now, workload } = context;
  const grows = draft.want > size.desired && draft.want > draft.floor.nodes;
  const stay = { ...draft, want: Math.min(draft.want, Math.max(size.desired, draft.floor.nodes)) };
  if (grows) {
    const still = draft.causes === null ? null : unmoved(draft.causes, context);
    if (still !== null) {
      return {
        draft: stay,
        reason: "Ineffective",
        detail: `${still} after ${FUTILE_GROWTHS} growths; more nodes do not help`,
      };
    }
    const bare = withoutGpu(context);
    if (bare !== null && hadItsTime(context)) {
      const detail = `${bare} of ${size.ready} ready nodes offer no GPU; look at the driver and the device plugin`;
      return { draft: stay, reason: "NodesReadyWithoutGpu", detail };
    }
  }
  if (draft.want < size.desired && draft.want >= draft.floor.nodes && draft.want < draft.ceiling.nodes) {
    // An objective turns as often as it pays.
    const turns = workload.objective === undefined ? recentTurns(memory.turns, now).length : 0;
    if (turns >= MAX_TURNS) {
      const detail = `the size turned ${turns} times within ${formatDuration(TURNS_WINDOW)}; it shrinks again once it is calmer`;
      return { draft: { ...draft, want: Math.min(size.desired, draft.ceiling.nodes) }, reason: "Flapping", detail };
    }
  }
  return unaffected(draft, "nothing that was done lately was in vain");
}
