import { fleetOf, NOON, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import type { SignalObservation } from "../../model/signal.ts";
import type { Policy } from "../../policy/schema/policy.ts";
import { type Context, createContext } from "../context.ts";
import type { Draft } from "../draft.ts";

/** What one stage looks at, at noon: a fleet of which nothing is known, unless said otherwise. */
export interface Look {
  readonly policy?: Policy;
  readonly pools?: Readonly<Record<string, PoolObservation>>;
  readonly signals?: Readonly<Record<string, SignalObservation>>;
  readonly memory?: Partial<WorkloadMemory>;
}

export function contextOf({ policy = fleetOf(), pools = {}, signals = {}, memory = {} }: Look): Context {
  const observation = { workload: "llm", trigger: "tick" as const, signals, pools, others: null };
  return createContext(policy, workloadIn(policy), observation, { ...EMPTY_MEMORY, ...memory }, NOON);
}

/** A draft of `want` nodes that the policy leaves free from 1 to 6, and that nobody else binds. */
export const draftOf = (want: number, more: Partial<Draft> = {}): Draft => ({
  want,
  floor: { nodes: 1, reason: "AtMinimum", detail: "nodes.min is 1" },
  ceiling: { nodes: 6, reason: "AtMaximum", detail: "nodes.max is 6" },
  pausedUp: null,
  pausedDown: null,
  blocks: {},
  demanded: null,
  causes: null,
  pools: {},
  remove: {},
  calendarWake: null,
  ...more,
});
