import type { Decision, StageTrace } from "../model/decision.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { Reason } from "../model/reasons.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { createContext } from "./context.ts";
import { type Draft, traceOf } from "./draft.ts";
import { noteSize, rememberDecision } from "./history.ts";
import { type Size, sizeOf } from "./size.ts";
import { STAGES } from "./stages/index.ts";

/** A decision, and what is to be remembered of it. */
export interface Decided {
  readonly decision: Decision;
  readonly memory: WorkloadMemory;
}

function firstDraft(workload: Workload, { desired, pools }: Size): Draft {
  const { min, max } = workload.nodes;
  return {
    want: desired,
    floor: { nodes: min, reason: "AtMinimum", detail: `nodes.min is ${min}` },
    ceiling: { nodes: max, reason: "AtMaximum", detail: `nodes.max is ${max}` },
    pausedUp: null,
    pausedDown: null,
    blocks: {},
    demanded: null,
    causes: null,
    pools: Object.fromEntries(pools.map((p) => [p.pool.name, p.desired])),
    remove: {},
    calendarWake: null,
  };
}

/** What keeps the pools from the wanted size: whoever asks why nodes do not come, or do not go, is to hear this first. */
const STANDS_IN_THE_WAY: ReadonlySet<Reason> = new Set(["NoCapacity", "QuotaExceeded", "BudgetReached", "BusyNodes"]);

const onPools = ({ stage }: StageTrace): boolean => stage === "capacity" || stage === "scale-in";

/**
 * The stage that bound the result: what stands in the way of the pools; or the last that changed the size; or, while the size
 * stays, what moves the pools, an operator's hold, a bound that kept it, or demand.
 */
function decisive(traces: readonly StageTrace[], current: number): StageTrace | undefined {
  const grows = (traces.at(-1)?.want ?? current) > current;
  const obstacle = traces.findLast(
    (t) => onPools(t) && STANDS_IN_THE_WAY.has(t.reason) && !(grows && t.reason === "BusyNodes"),
  );
  if (obstacle !== undefined) return obstacle;
  let before = current;
  let last: StageTrace | undefined;
  for (const trace of traces) {
    if (trace.want !== before) last = trace;
    before = trace.want;
  }
  const move = traces.findLast((t) => onPools(t) && t.reason !== "Unaffected");
  const bound = traces.find((t) => t.stage === "bounds" && t.reason !== "Unaffected");
  const held = traces.find((t) => t.reason === "Held" || t.reason === "ExternalChange");
  return last ?? move ?? held ?? bound ?? traces.find((t) => t.stage === "demand");
}

/**
 * Decides the size of one workload, in nodes, and how it is spread over its pools. Pure, total and deterministic: no I/O,
 * no clock, no randomness, no exception for any policy and observation that passed their schemas. The returned memory has
 * the recommendation in it; what the cloud then accepts is added by `recordAccepted`.
 */
export function decide(
  policy: Policy,
  workload: Workload,
  observation: Observation,
  remembered: WorkloadMemory,
  now: EpochSeconds,
): Decided {
  const memory = noteSize(remembered, sizeOf(workload, observation, remembered, now), now);
  const context = createContext(policy, workload, observation, memory, now);
  const { desired, ready } = context.size;
  let draft = firstDraft(workload, context.size);
  let proposed = desired;
  let spreadOver = desired;
  const stages: StageTrace[] = [];
  for (const [name, stage] of STAGES) {
    if (name === "behavior") proposed = draft.want;
    const step = stage(draft, context);
    draft = step.draft;
    if (name === "capacity") spreadOver = Object.values(draft.pools).reduce((sum, nodes) => sum + nodes, 0);
    stages.push(traceOf(name, step));
  }
  const bound = decisive(stages, desired);
  const decision: Decision = {
    workload: observation.workload,
    at: now,
    current: desired,
    ready,
    want: draft.want,
    pools: draft.pools,
    remove: draft.remove,
    reason: bound?.reason ?? "Unaffected",
    detail: bound?.detail ?? "",
    stages,
  };
  return { decision, memory: rememberDecision(context, draft, decision, { proposed, spreadOver }) };
}
