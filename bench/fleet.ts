import { createInMemory } from "../shared/memory/in-memory.ts";
import type { Memory } from "../shared/memory/memory.ts";
import type { Wake } from "../shared/model/observation.ts";
import type { SignalObservation } from "../shared/model/signal.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../shared/policy/units.ts";
import type { NodePools } from "../shared/pools/node-pools.ts";
import type { ReconcileDeps } from "../shared/reconcile/deps.ts";
import { reconcile } from "../shared/reconcile/reconcile.ts";
import { NO_STOP } from "../shared/stop/stop.ts";
import { SILENT, type Telemetry } from "../shared/telemetry/telemetry.ts";
import { fleetOf, MINUTE, NOON, poolOf, steady, workloadIn } from "../test/support/fleet.ts";

/** Looks at once, as reconcile has runs reserved. */
const AT_ONCE = 10;

/** A fleet of so many workloads, each with one pool, rules on two signals and a guard on a third. */
export function fleetOfMany(workloads: number): Policy {
  const one = fleetOf({
    scaleDown: {
      all: [
        { signal: "queue", below: 10, for: "15m" },
        { signal: "util", below: 40, for: "15m" },
      ],
      remove: 1,
    },
    guards: [{ name: "vram-headroom", when: { signal: "vramFree", below: 0.2, for: "5m" }, blocks: ["scaleDown"] }],
  });
  const workload = workloadIn(one);
  const named = Array.from({ length: workloads }, (_, i) => {
    const pools = workload.pools.map((pool) => ({ ...pool, name: `w${i}` }));
    return [`w${i}`, { ...workload, pools }] as const;
  });
  return { ...one, workloads: Object.fromEntries(named) };
}

/** Half an hour of samples of a fleet that has enough nodes and is not idle. */
function calmAt(now: EpochSeconds): (signal: string) => SignalObservation {
  const byName = new Map(
    Object.entries({ queue: 30, util: 60, vramFree: 0.5 }).map(([name, value]) => [name, steady(value, now)]),
  );
  return (signal) => byName.get(signal) ?? { kind: "empty" };
}

/** Looks at a fleet, minute after minute. Metrics and clouds are stand-ins that answer at once and ask for no change. */
export interface CalmFleet {
  readonly names: readonly string[];
  /** Looks at every workload once, ten at a time, a minute after the last time. Gives how long that took, in seconds. */
  lookAtAll(): Promise<number>;
  /** What the stand-ins have been asked so far. */
  readonly asked: { signals: number; pools: number };
}

export function calmFleet(policy: Policy, memory: Memory = createInMemory(), telemetry: Telemetry = SILENT): CalmFleet {
  const names = Object.keys(policy.workloads);
  const asked = { signals: 0, pools: 0 };
  let now = NOON;
  let calm = calmAt(now);
  let ids = 0;
  const seen = poolOf(2);
  const pools: NodePools = {
    observe: async (pool) => {
      asked.pools += 1;
      if (seen.kind === "seen") return seen.state;
      throw new Error(`pool ${pool.name} is not there`);
    },
    resize: async (pool) => ({ pool: pool.name, token: "t" }),
    remove: async (pool) => ({ pool: pool.name, token: "t" }),
    poll: async () => ({ kind: "succeeded" }),
  };
  const fetch = async ({ name }: { readonly name: string }) => {
    asked.signals += 1;
    return calm(name);
  };
  const deps: ReconcileDeps = {
    policy: async () => ({ policy, revision: "bench" }),
    sources: { open: async () => ({ fetch }) },
    pools,
    memory,
    telemetry,
    clock: () => now,
    stop: NO_STOP,
    newId: () => `id-${++ids}`,
  };

  return {
    names,
    asked,
    async lookAtAll() {
      now += MINUTE;
      calm = calmAt(now);
      const waiting = names.values();
      const began = performance.now();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const workload of waiting) {
            const wake: Wake = { workload, trigger: "tick", cause: "tick", at: now, key: `${workload}/${now}` };
            const outcome = await reconcile(wake, deps);
            if (outcome.kind === "leased") throw new Error(`${workload} is looked at twice`);
          }
        }),
      );
      return (performance.now() - began) / 1000;
    },
  };
}
