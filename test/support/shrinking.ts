import { type Context, createContext } from "../../shared/decide/context.ts";
import type { Draft, Step } from "../../shared/decide/draft.ts";
import { scaleIn } from "../../shared/decide/stages/scale-in.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import type { NodeState, PoolState } from "../../shared/model/pool.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import type { Policy, PolicyInput } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { fleetOf, NOON, poolOf, steady, workloadIn } from "./fleet.ts";

type WorkloadInput = PolicyInput["workloads"][string];

/** A node that is ready and nobody reclaims, unless said otherwise. */
export const node = (id: string, more: Partial<NodeState> = {}): NodeState => ({
  id,
  ready: true,
  noticed: false,
  ...more,
});

/** Each node's reading of `busy`, fresh at `now`; null: the newest is too old. */
export const readingsAt = (
  values: Readonly<Record<string, number | null>>,
  now: EpochSeconds = NOON,
): SignalObservation => ({
  kind: "perNode",
  nodes: Object.fromEntries(
    Object.entries(values).map(([id, value]) => [
      id,
      { samples: [[value === null ? now - 300 : now, value ?? 0] as const], validity: 15 },
    ]),
  ),
});

/** A fleet whose `busy` is one number for each node, and means this for one that is not reported. */
export function busyFleet(
  workload: Partial<WorkloadInput> = {},
  whenEmpty: "zero" | "absent" | "unknown" = "unknown",
): Policy {
  const { signals } = fleetOf();
  const plain = { source: "prom", query: "q", maxAge: "90s" };
  return fleetOf(
    { scaleIn: { busy: "busy" }, ...workload },
    {
      signals: {
        ...Object.fromEntries(Object.keys(signals).map((name) => [name, plain])),
        busy: { ...plain, whenEmpty, per: "node" },
      },
    },
  );
}

/** Takes what still works after an hour. */
// biome-ignore lint/suspicious/noThenProperty: the policy format's own word.
export const FORCING = { busy: "busy", maxWait: "1h", then: "force" } as const;

/** A pool that is asked for fewer nodes than it has; the rest is as quiet as it can be. */
export interface Given {
  readonly policy?: Policy;
  readonly desired?: number;
  readonly asked: number;
  readonly nodes?: readonly NodeState[] | null;
  readonly state?: Partial<PoolState>;
  readonly signals?: Readonly<Record<string, SignalObservation>>;
  readonly memory?: WorkloadMemory;
  readonly now?: EpochSeconds;
}

export function contextOf(given: Given): Context {
  const { policy = busyFleet(), nodes = null, state = {}, signals = {}, memory = EMPTY_MEMORY, now = NOON } = given;
  const desired = given.desired ?? nodes?.length ?? given.asked;
  const ready = nodes?.filter((n) => n.ready).length ?? desired;
  const workload = workloadIn(policy);
  const pools = { [workload.pools[0]?.name ?? ""]: poolOf(desired, ready, { nodes, ...state }) };
  const quiet = { queue: steady(0, now) };
  const observation = {
    workload: "llm",
    trigger: "tick" as const,
    signals: { ...quiet, ...signals },
    pools,
    others: null,
  };
  return createContext(policy, workload, observation, memory, now);
}

/** What the stage makes of it. */
export function stepOf(given: Given): Step {
  const context = contextOf(given);
  const limit = { nodes: 0, reason: "AtMinimum" as const, detail: "" };
  const draft: Draft = {
    want: given.asked,
    floor: limit,
    ceiling: { ...limit, nodes: 99 },
    pausedUp: null,
    pausedDown: null,
    blocks: {},
    demanded: null,
    causes: null,
    pools: { [context.size.pools[0]?.pool.name ?? ""]: given.asked },
    remove: {},
    calendarWake: null,
  };
  return scaleIn(draft, context);
}
