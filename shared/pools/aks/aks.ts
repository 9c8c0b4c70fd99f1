import { createHash } from "node:crypto";
import type { AgentPool } from "@azure/arm-containerservice";
import * as z from "zod/mini";
import { systemClock } from "../../model/clock.ts";
import type { Operation, OperationState, PoolFailure } from "../../model/pool.ts";
import type { AksRef, Pool } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { NodePools } from "../node-pools.ts";
import { type Ask, asker } from "./ask.ts";
import { type AksClient, type AksOptions, createClients } from "./clients.ts";
import { named } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { isAmong, listMachines, machineNamesOf, nodesOf, readyMachines, statesMatter } from "./machines.ts";
import { pollRestored } from "./poll.ts";
import { type AgentPoolReply, agentPoolReply, type Machine } from "./replies.ts";
import { sendable } from "./sendable.ts";
import { boundsOf, isGranted, refuseRemoval, type Wish, wishFor } from "./sizing.ts";
import { isSettled, isStopped, issuesOf, outcomeIn, statusOf } from "./status.ts";
import { addressesIn, FINISHED, parseToken, type Started, startedToken } from "./token.ts";

/** One pool in one run: how to reach it, and what it is called at Azure. */
interface Reach {
  readonly ref: AksRef;
  readonly client: AksClient;
  readonly ask: Ask;
  readonly abort: AbortSignal;
  readonly path: readonly [resourceGroup: string, cluster: string, agentPool: string];
}

/** A pool as it was read: what vramp looks at, and everything, to be sent back. */
interface Seen extends AgentPoolReply {
  readonly settings: AgentPool;
}

/**
 * AKS agent pools. The size is changed by read-modify-write under the pool's ETag, and nothing but the size is; nodes are
 * removed by name. AKS has no idempotency token, so what a repetition finds under way for the same size is taken for its own.
 *
 * `desired` is AKS's `count`, which on a spot pool without autoscaler falls with every eviction. There are no notices in it:
 * Azure announces an eviction to the machine alone.
 */
export function createAksPools(options: AksOptions = {}): NodePools {
  const clientOf = createClients(options);
  const now = options.now ?? systemClock;
  const { stuckAfter } = { ...LIMITS, ...options.limits };

  const reach = async (pool: Pool, abort: AbortSignal): Promise<Reach> => {
    const ref = refOf(pool);
    const ask = asker(ref, abort);
    const client = await ask("sign-in", z.custom<AksClient>(), () => clientOf(ref));
    return { ref, client, ask, abort, path: [ref.resourceGroup, ref.cluster, ref.agentPool] };
  };

  const started = (pool: Pool, poller: string | null): Operation => ({
    pool: pool.name,
    token: startedToken(now(), poller),
  });
  const finished = (pool: Pool): Operation => ({ pool: pool.name, token: FINISHED });

  /** Asks for a size; null if the pool changed since it was read, or is being changed: worth reading it again. */
  const put = async (at: Reach, seen: Seen, wish: Wish, key: string): Promise<string | null> => {
    const { client, abort, path, ask } = at;
    try {
      return await ask("agentPools.createOrUpdate", z.string(), async () => {
        const poller = client.aks.agentPools.createOrUpdate(
          ...path,
          { ...sendable(seen.settings), ...wish },
          {
            abortSignal: abort,
            requestOptions: { headers: requestId(key) },
            ...(seen.eTag === undefined ? {} : { ifMatch: seen.eTag }),
          },
        );
        await poller.submitted();
        return poller.serialize();
      });
    } catch (error) {
      if (error instanceof PoolError && error.kind === "Busy") return null;
      throw error;
    }
  };

  return {
    async observe(pool, abort) {
      const at = await reach(pool, abort);
      const seen = await look(at);
      const machines = await machinesOf(at);
      const { isReady, problem } = await readiness(at, seen, machines);
      const issues = [...issuesOf(seen, at.ref), ...problem];
      const nodes = machines === null ? null : nodesOf(machines, isReady);
      const refused = issues.some(({ kind }) => kind === "NoCapacity" || kind === "QuotaExceeded");
      return {
        desired: seen.count,
        ready: nodes === null ? countWhenSettled(seen) : nodes.filter((node) => node.ready).length,
        noticed: 0,
        ...boundsOf(seen),
        status: statusOf(seen),
        issues,
        capacityError: refused ? now() : null,
        nodes,
        step: 1,
        etag: seen.eTag ?? null,
      };
    },

    async resize(pool, nodes, key, abort) {
      const at = await reach(pool, abort);
      // Once more after a refusal: what is found then is another's change, or one's own whose reply was lost.
      for (const _try of ["first", "again"]) {
        const seen = await look(at);
        const wish = wishFor(nodes, seen, pool, at.ref);
        if (isGranted(wish, seen) && seen.provisioningState === "Succeeded") return finished(pool);
        if (isGranted(wish, seen) && !isSettled(seen)) return started(pool, null);
        if (!isSettled(seen)) throw busy(at.ref, `is ${seen.provisioningState}`);
        const poller = await put(at, seen, wish, key);
        if (poller !== null) return started(pool, poller);
      }
      throw busy(at.ref, "is being changed by someone else");
    },

    async remove(pool, nodes, key, abort) {
      const at = await reach(pool, abort);
      const seen = await look(at);
      refuseRemoval(seen, pool, at.ref);
      const { client, ask, path } = at;
      const machines = await listMachines(client, at.ref, ask, abort);
      const machineNames = [...machineNamesOf(nodes, machines, at.ref)];
      if (machineNames.length === 0) return isSettled(seen) ? finished(pool) : started(pool, null);
      wishFor(machines.length - machineNames.length, seen, pool, at.ref);
      const poller = await ask("agentPools.deleteMachines", z.string(), async () => {
        const running = client.aks.agentPools.deleteMachines(
          ...path,
          { machineNames },
          { abortSignal: abort, requestOptions: { headers: requestId(key) } },
        );
        await running.submitted();
        return running.serialize();
      });
      return started(pool, poller);
    },

    async poll(pool, operation, abort) {
      const token = parseToken(operation.token);
      if (token?.kind === "finished") return { kind: "succeeded" };
      const at = await reach(pool, abort);
      if (token === null) return unknownOperation(at);
      const outcome = await progressOf(at, token);
      if (outcome.kind === "running" && now() - token.at > stuckAfter) await abortStuck(at);
      return outcome;
    },
  };
}

async function look({ client, ask, abort, path }: Reach): Promise<Seen> {
  const send = () => client.aks.agentPools.get(...path, { abortSignal: abort });
  const settings = await ask("agentPools.get", z.custom<AgentPool>(), send);
  const seen = await ask("agentPools.get", agentPoolReply, async () => settings);
  return { ...seen, settings };
}

/** The pool's machines; null where there is no list of them. */
async function machinesOf({ client, ref, ask, abort }: Reach): Promise<readonly Machine[] | null> {
  try {
    return await listMachines(client, ref, ask, abort);
  } catch (error) {
    if (error instanceof PoolError && (error.kind === "NotFound" || error.kind === "Invalid")) return null;
    throw error;
  }
}

interface Readiness {
  readonly isReady: (machine: Machine) => boolean;
  /** Why it cannot be told, if it cannot. */
  readonly problem: readonly PoolFailure[];
}

/** Which machines are ready. Where it cannot be told, none is: that delays, and stops nothing. */
async function readiness(at: Reach, seen: Seen, machines: readonly Machine[] | null): Promise<Readiness> {
  if (machines === null || isStopped(seen)) return { isReady: () => false, problem: [] };
  if (!statesMatter(seen)) return { isReady: () => true, problem: [] };
  try {
    const ready = await readyMachines(at.client, machines, at.ask, at.abort);
    return { isReady: (machine) => isAmong(ready, machine), problem: [] };
  } catch (error) {
    if (!(error instanceof PoolError) || error.retryable) throw error;
    return { isReady: () => false, problem: [error.toFailure()] };
  }
}

/**
 * All that AKS says of readiness where it lists no machines. After a change that failed as well: which of the nodes came is not
 * known then, and those that are taken for never having come would be given up whatever they do.
 */
const countWhenSettled = (seen: Seen): number => (isSettled(seen) && !isStopped(seen) ? seen.count : 0);

/** How an operation is doing: by its own address, or where that is lost by the pool's state. */
async function progressOf(at: Reach, { poller }: Started): Promise<OperationState> {
  // The poller comes from memory, and Azure's token goes wherever it says.
  const addresses = poller === null ? [] : addressesIn(poller);
  if (poller !== null && addresses.length > 0 && addresses.every(at.client.trusts)) {
    const outcome = await pollRestored(at.client, poller, at.ref, at.ask, at.abort);
    if (outcome !== null) return outcome;
  }
  return outcomeIn(await look(at), at.ref);
}

/** A token that nobody here wrote: it may be whatever is under way. */
async function unknownOperation(at: Reach): Promise<OperationState> {
  if (!isSettled(await look(at))) return { kind: "running" };
  throw new PoolError("NotFound", `${named(at.ref)}: AKS does not know the operation. The next run decides anew.`);
}

/** Ends an operation that holds the pool for ever. AKS refuses if it has just ended, or is being ended already. */
async function abortStuck({ client, ask, abort, path }: Reach): Promise<void> {
  try {
    await ask("agentPools.abortLatestOperation", z.unknown(), () =>
      client.aks.agentPools.abortLatestOperation(...path, { abortSignal: abort }).submitted(),
    );
  } catch (error) {
    if (!(error instanceof PoolError) || error.kind !== "Busy") throw error;
  }
}

function refOf(pool: Pool): AksRef {
  if (pool.aks !== undefined) return pool.aks;
  throw new PoolError(
    "Invalid",
    `Pool ${pool.name} has no aks reference. Give its subscription, resourceGroup, cluster and agentPool.`,
  );
}

const busy = (ref: AksRef, how: string): PoolError =>
  new PoolError("Busy", `${named(ref)} ${how}. The next run tries again.`);

/** One id for all tries of one intent, by which Azure's logs show them together; it has the form of a UUID. */
function requestId(key: string): Readonly<Record<string, string>> {
  const hex = createHash("sha256").update(key).digest("hex");
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  return { "x-ms-client-request-id": id };
}
