import { recordAccepted, recordChange } from "../../shared/decide/history.ts";
import type { Decision } from "../../shared/model/decision.ts";
import type { WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation } from "../../shared/model/observation.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";

/*
 * `reconcile` asks the cloud itself and records what it accepted. Here somebody else does, and only the next line tells: a
 * pool whose desired size went to what was answered for it counts as an accepted change, made when it was answered. One
 * that went anywhere else was somebody else's, which `decide` finds by itself.
 */

/** For each pool the sizes that were answered and may still take effect, with the time of the answer. */
export type OpenAnswers = ReadonlyMap<string, ReadonlyMap<number, EpochSeconds>>;

export const NO_ANSWERS: OpenAnswers = new Map();

interface Accepted {
  readonly at: EpochSeconds;
  /** Nodes added; negative when removed. */
  readonly change: number;
}

function acceptedChanges(memory: WorkloadMemory, open: OpenAnswers, observation: Observation): readonly Accepted[] {
  return Object.entries(observation.pools).flatMap(([name, pool]) => {
    const before = memory.pools[name]?.desired;
    if (pool.kind === "unseen" || before === undefined || pool.state.desired === before) return [];
    const at = open.get(name)?.get(pool.state.desired);
    return at === undefined ? [] : [{ at, change: pool.state.desired - before }];
  });
}

/** The memory once it holds the changes that a line shows to have been accepted: one for each answer, over all its pools. */
export function noteAccepted(
  memory: WorkloadMemory,
  workload: Workload,
  open: OpenAnswers,
  observation: Observation,
): WorkloadMemory {
  const accepted = acceptedChanges(memory, open, observation);
  const times = [...new Set(accepted.map((a) => a.at))].sort((a, b) => a - b);
  let total = Object.values(memory.pools).reduce((sum, pool) => sum + pool.desired, 0);
  let noted = memory;
  for (const time of times) {
    const change = accepted.reduce((sum, { at, change }) => (at === time ? sum + change : sum), 0);
    const to = total + change;
    noted =
      time === memory.lastDecision?.at
        ? recordAccepted(noted, workload, { from: total, to }, time)
        : recordLate(noted, workload, observation, { from: total, to }, time);
    total = to;
  }
  return noted;
}

/** An answer that shows only after a later one was given: what was assigned since then never came to be. */
function recordLate(
  memory: WorkloadMemory,
  workload: Workload,
  observation: Observation,
  { from, to }: { readonly from: number; readonly to: number },
  time: EpochSeconds,
): WorkloadMemory {
  const shown = Object.entries(observation.pools).flatMap(([name, pool]) =>
    pool.kind === "seen" ? [[name, pool.state.desired] as const] : [],
  );
  const footing = { size: to, total: to };
  const pools = { ...memory.assigned?.pools, ...Object.fromEntries(shown) };
  // A move between pools is no change of size, which rules and limits would have to wait for.
  const changed = from === to ? memory : recordChange(memory, workload, from, to, time);
  return { ...changed, assigned: { before: footing, after: footing, pools } };
}

/**
 * The answers that are open once `decision` is given. An answer without effect is forgotten at the next line, which has an
 * answer of its own; but while a pool is `updating`, or cannot be seen, an earlier one may yet show.
 */
export function openAnswers(
  memory: WorkloadMemory,
  open: OpenAnswers,
  observation: Observation,
  decision: Decision,
): OpenAnswers {
  const next = Object.entries(observation.pools).map(([name, pool]) => {
    const earlier = open.get(name) ?? new Map<number, EpochSeconds>();
    if (pool.kind === "unseen") return [name, earlier] as const;
    const { desired, status } = pool.state;
    const underWay = status === "updating" && memory.pools[name]?.desired === desired;
    const answers = new Map(underWay ? earlier : []);
    // Nodes that go by name may go first, and the rest of the difference with the next answer.
    const named = decision.remove[name]?.length ?? 0;
    for (const to of [decision.pools[name] ?? desired, desired - named])
      if (to !== desired && !answers.has(to)) answers.set(to, decision.at);
    return [name, answers] as const;
  });
  return new Map(next);
}
