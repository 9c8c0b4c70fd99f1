import type { Operation } from "../../../shared/model/pool.ts";
import { PoolError } from "../../../shared/pools/errors.ts";
import type { NodePools } from "../../../shared/pools/node-pools.ts";
import type { CloudPool } from "../clouds/cloud-pool.ts";
import type { Invocation, Wire } from "../invocation.ts";
import type { Call, Look } from "../look.ts";
import type { World } from "../world.ts";
import type { Looks } from "./memory.ts";

const wireTo = (pool: string): Wire => ({
  latency: [0.05, 1.5],
  patience: null,
  throttled: () => new PoolError("Throttled", `pool ${pool}: too many requests`),
  unavailable: (why) => new PoolError("Unavailable", `pool ${pool}: ${why}`),
});

/** The workload that a pool belongs to, by its name. */
export const ownerOf = (pool: string): string => pool.slice(0, pool.indexOf("-"));

/** The three clouds behind a wire, and a note of what they said and of every mutating call. */
export function poolsFor(invocation: Invocation, looks: Looks, world: World): NodePools {
  const { swarm, scheduler } = world;
  const cloudPool = (name: string): CloudPool => {
    const found = world.pools.get(name);
    if (found === undefined) throw new PoolError("NotFound", `there is no pool ${name}`);
    return found;
  };
  const refuseSometimes = (pool: string): void => {
    if (swarm.strikes("denied")) throw new PoolError("Forbidden", `pool ${pool}: the role may not do this now`);
  };

  async function mutate(
    pool: string,
    asks: Call["asks"],
    abort: AbortSignal,
    effect: () => Operation,
  ): Promise<Operation> {
    const look = looks.get(ownerOf(pool));
    if (look === undefined) throw new Error(`a call to pool ${pool} without a look at its workload`);
    const call = noteCall(look, pool, asks);
    try {
      const operation = await invocation.call(
        wireTo(pool),
        () => {
          refuseSometimes(pool);
          const accepted = effect();
          call.appliedAt = scheduler.now;
          world.note(`${pool} takes ${told(asks)} asked by ${invocation.id}`);
          return accepted;
        },
        abort,
      );
      call.heard = "accepted";
      return operation;
    } catch (error) {
      call.heard = error instanceof PoolError && error.kind !== "Unavailable" ? "refused" : "nothing";
      throw error;
    }
  }

  function noteCall(look: Look, pool: string, asks: Call["asks"]): Call {
    const call: Call = {
      pool,
      workload: look.workload,
      asks,
      at: scheduler.now,
      clock: invocation.clock(),
      appliedAt: null,
      heard: "nothing",
    };
    if (!invocation.alive) return call;
    world.note(`${invocation.id} asks ${pool} for ${told(asks)}`);
    look.calls.push(call);
    world.tell({ kind: "called", look, call });
    return call;
  }

  return {
    async observe({ name }, abort) {
      const state = await invocation.call(
        wireTo(name),
        () => {
          refuseSometimes(name);
          const fresh = cloudPool(name).observe(scheduler.now);
          return swarm.strikes("staleRead") ? (world.earlier(name) ?? fresh) : fresh;
        },
        abort,
      );
      looks.get(ownerOf(name))?.pools.set(name, state);
      return state;
    },
    resize: ({ name }, nodes, key, abort) =>
      mutate(name, { nodes }, abort, () => cloudPool(name).resize(nodes, key, scheduler.now)),
    remove: ({ name }, ids, key, abort) =>
      mutate(name, { remove: ids }, abort, () => cloudPool(name).remove(ids, key, scheduler.now)),
    poll: ({ name }, operation, abort) =>
      invocation.call(
        wireTo(name),
        () => {
          refuseSometimes(name);
          return cloudPool(name).poll(operation, scheduler.now);
        },
        abort,
      ),
  };
}

const told = (asks: Call["asks"]): string =>
  "nodes" in asks ? `${asks.nodes} nodes` : `the removal of ${asks.remove.join(", ")}`;
