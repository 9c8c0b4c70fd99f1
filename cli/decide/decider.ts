import { decide } from "../../shared/decide/decide.ts";
import type { Decision } from "../../shared/model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { rfc3339 } from "../../shared/reconcile/rfc3339.ts";
import { sumOfOthers } from "../../shared/reconcile/spending.ts";
import { NO_ANSWERS, noteAccepted, type OpenAnswers, openAnswers } from "./accepted.ts";
import { BadLine } from "./bad-line.ts";
import { parseLine } from "./line.ts";
import { observationOf, planFor } from "./observation.ts";
import { plansOf } from "./plan.ts";

/** What is kept of one workload from line to line. */
interface Kept {
  readonly memory: WorkloadMemory;
  readonly open: OpenAnswers;
  readonly at: EpochSeconds;
}

const NOTHING: Kept = { memory: EMPTY_MEMORY, open: NO_ANSWERS, at: Number.NEGATIVE_INFINITY };

/** What the workloads but one cost, as far as their lines have told. */
function othersSpending(policy: Policy, kept: ReadonlyMap<string, Kept>, but: string, now: EpochSeconds) {
  if (policy.budget === undefined) return null;
  const noted = [...kept].flatMap(([name, { memory }]) =>
    memory.spending === null ? [] : [[name, memory.spending] as const],
  );
  return sumOfOthers(Object.fromEntries(noted), policy, but, now);
}

/**
 * Decides line after line under one policy, and remembers each workload between its lines. The decider throws `BadLine`
 * for a line that cannot be decided, and is then as if it had not come.
 */
export function createDecider(policy: Policy): (text: string) => Decision {
  const plans = plansOf(policy);
  const kept = new Map<string, Kept>();
  return (text) => {
    const line = parseLine(text);
    const plan = planFor(line, plans);
    const observation = observationOf(line, plan, plans, othersSpending(policy, kept, plan.name, line.now));
    const { memory, open, at } = kept.get(plan.name) ?? NOTHING;
    if (line.now < at) {
      const last = `the last line of ${plan.name}, ${rfc3339(at)}`;
      throw new BadLine(`now: ${rfc3339(line.now)} is before ${last}; send its lines in order of time`);
    }
    const noted = noteAccepted(memory, plan.workload, open, observation);
    const decided = decide(policy, plan.workload, observation, noted, line.now);
    const next = openAnswers(memory, open, observation, decided.decision);
    kept.set(plan.name, { memory: decided.memory, open: next, at: line.now });
    return decided.decision;
  };
}
