import type { Decision, StageTrace } from "../model/decision.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { createContext } from "./context.ts";
import { type Draft, traceOf } from "./draft.ts";
import { noteSize, rememberDecision } from "./history.ts";
import { sizeOf } from "./size.ts";
import { splitOver } from "./stages/capacity.ts";
import { STAGES } from "./stages/index.ts";

/** A decision, and what is to be remembered of it. */
export interface Decided {
  readonly decision: Decision;
  readonly memory: WorkloadMemory;
}

function firstDraft(workload: Workload, want: number): Draft {
  const { min, max } = workload.nodes;
  return {
    want,
    floor: { nodes: min, reason: "AtMinimum", detail: `nodes.min is ${min}` },
    ceiling: { nodes: max, reason: "AtMaximum", detail: `nodes.max is ${max}` },
    pausedUp: null,
    pausedDown: null,
    blocks: {},
    demanded: null,
    causes: null,
    calendarWake: null,
  };
}

/** The stage that bound the result: the last that changed the size, or else an operator's hold, a bound that kept it, or demand. */
function decisive(traces: readonly StageTrace[], current: number): StageTrace | undefined {
  let before = current;
  let last: StageTrace | undefined;
  for (const trace of traces) {
    if (trace.want !== before) last = trace;
    before = trace.want;
  }
  const bound = traces.find((t) => t.stage === "bounds" && t.reason !== "Unaffected");
  return last ?? traces.find((t) => t.reason === "Held") ?? bound ?? traces.find((t) => t.stage === "demand");
}

/**
 * Decides the size of one workload, in nodes, and how it is spread over its pools. Pure, total and deterministic: no I/O,
 * no clock, no randomness, no exception for any policy and observation that passed their schemas. The returned memory has
 * the recommendation in it; what the cloud then accepts is added by `recordChange`.
 */
export function decide(
  policy: Policy,
  workload: Workload,
  observation: Observation,
  remembered: WorkloadMemory,
  now: EpochSeconds,
): Decided {
  const memory = noteSize(remembered, sizeOf(workload.pools, observation, remembered), now);
  const context = createContext(policy, workload, observation, memory, now);
  const { desired, ready } = context.size;
  let draft = firstDraft(workload, desired);
  let proposed = desired;
  const stages: StageTrace[] = [];
  for (const [name, stage] of STAGES) {
    if (name === "behavior") proposed = draft.want;
    const step = stage(draft, context);
    draft = step.draft;
    stages.push(traceOf(name, step));
  }
  const bound = decisive(stages, desired);
  const decision: Decision = {
    workload: observation.workload,
    at: now,
    current: desired,
    ready,
    want: draft.want,
    pools: splitOver(context.size, draft.want),
    reason: bound?.reason ?? "Unaffected",
    detail: bound?.detail ?? "",
    stages,
  };
  return { decision, memory: rememberDecision(context, draft, decision, proposed) };
}
