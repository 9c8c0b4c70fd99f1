import { NEVER_FAILED } from "../../shared/decide/capacity/health.ts";
import { type Decided, decide } from "../../shared/decide/decide.ts";
import type { StageTrace } from "../../shared/model/decision.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { Observation } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { fleetOf, MINUTE, NOON, poolOf, workloadIn } from "./fleet.ts";

/** What a test of one decision says; the rest is a settled fleet of one node at noon. */
export interface Given {
  readonly policy?: Policy;
  readonly signals?: Readonly<Record<string, SignalObservation>>;
  /** The first pool, where a workload has only one. */
  readonly pool?: PoolObservation;
  readonly pools?: Readonly<Record<string, PoolObservation>>;
  readonly memory?: WorkloadMemory;
  readonly others?: Observation["others"];
  readonly now?: EpochSeconds;
}

/** Decides the size of `llm`. */
export function decided(given: Given): Decided {
  const {
    policy = fleetOf(),
    signals = {},
    pool = poolOf(1),
    memory = EMPTY_MEMORY,
    others = null,
    now = NOON,
  } = given;
  const workload = workloadIn(policy);
  const pools = given.pools ?? { [workload.pools[0]?.name ?? ""]: pool };
  const observation: Observation = { workload: "llm", trigger: "tick", signals, pools, others };
  return decide(policy, workload, observation, memory, now);
}

/** A memory of having looked every minute for an hour at a settled size of the one pool `llm`. */
export const settledAt = (nodes: number, now: EpochSeconds = NOON): WorkloadMemory => ({
  ...EMPTY_MEMORY,
  recommendations: [{ at: now - 60 * MINUTE, nodes }],
  pools: { llm: { at: now - MINUTE, desired: nodes, ready: nodes, health: NEVER_FAILED } },
});

/** What one stage said. */
export function stageOf({ decision }: Decided, name: string): StageTrace {
  const found = decision.stages.find((s) => s.stage === name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
}
