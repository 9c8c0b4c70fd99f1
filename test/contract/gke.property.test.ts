import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FAULTS } from "../../sandbox/clouds/faults.ts";
import { type Gke, startGke } from "../../sandbox/clouds/gke.ts";
import type { NodePool } from "../../sandbox/clouds/gke-node-pool.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { PoolError } from "../../shared/pools/errors.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";
import { createPools } from "../../shared/pools/pools.ts";
import { never } from "./cloud-world.ts";

const PLACE = { project: "acme", location: "europe-west4" };
const poolOf = (cluster: string, nodePool: string): Pool => ({
  name: nodePool,
  capacity: "spot",
  control: "desired",
  gke: { ...PLACE, cluster, nodePool },
});
const MAX = 7;
const START = 1_800_000_000;
const PACE = { launch: 180, drain: 60, pending: 5, running: 20 };

interface Run {
  readonly cluster: string;
  readonly llm: Pool;
  readonly other: Pool;
  readonly gke: Gke;
  readonly pools: NodePools;
  readonly nodePool: NodePool;
  now: number;
  key: number;
}

type Step =
  | { readonly do: "resize"; readonly nodes: number; readonly repeat: boolean }
  | { readonly do: "other"; readonly nodes: number }
  | { readonly do: "remove"; readonly lots: readonly number[] }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "someone"; readonly nodes: number }
  | { readonly do: "limit"; readonly nodes: number }
  | { readonly do: "preempt" }
  | { readonly do: "fault"; readonly kind: (typeof FAULTS)[number] };

const nodes = fc.nat(MAX);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("resize" as const), nodes, repeat: fc.boolean() }),
  fc.record({ do: fc.constant("other" as const), nodes }),
  fc.record({ do: fc.constant("remove" as const), lots: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }) }),
  fc.record({ do: fc.constant("pass" as const), seconds: fc.nat(400) }),
  fc.record({ do: fc.constant("someone" as const), nodes }),
  fc.record({ do: fc.constant("limit" as const), nodes }),
  fc.record({ do: fc.constant("preempt" as const) }),
  // A hang costs its time-out in real time; the contract has it.
  fc.record({ do: fc.constant("fault" as const), kind: fc.constantFrom(...FAULTS.filter((kind) => kind !== "hang")) }),
);

/** Lets a call be refused, but only in the one way that the port knows. */
async function orRefused<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(PoolError);
    return null;
  });
}

const targetsOf = ({ nodePool }: Run) => nodePool.groups.map((group) => group.target);

async function resize(run: Run, wanted: number, repeat: boolean): Promise<void> {
  if (!repeat) run.key += 1;
  const before = targetsOf(run);
  const total = run.nodePool.target;
  await orRefused(run.pools.resize(run.llm, wanted, `intent-${run.key}`, never));
  run.now += PACE.pending;
  run.gke.advance();
  const after = targetsOf(run);
  // A request to grow takes no node away anywhere, and one to shrink adds none to the whole.
  const lost = before.filter((target, zone) => (after[zone] ?? 0) < target);
  if (wanted >= total) expect(lost).toEqual([]);
  if (wanted <= total) expect(run.nodePool.target).toBeLessThanOrEqual(total);
}

async function remove(run: Run, lots: readonly number[]): Promise<void> {
  const state = await orRefused(run.pools.observe(run.llm, never));
  const ids = (state?.nodes ?? []).map((node) => node.id);
  const chosen = new Set(lots.flatMap((lot) => ids[lot % Math.max(1, ids.length)] ?? []));
  await orRefused(run.pools.remove(run.llm, [...chosen], `removal-${run.key}`, never));
  const going = (id: string) =>
    run.nodePool.groups.some((group) => group.instances.some((i) => id.endsWith(i.name) && i.action === "DELETING"));
  // Nobody but the named goes by name: what is going now was chosen, or was going before.
  const stays = ids.filter((id) => !chosen.has(id));
  const before = new Set((state?.nodes ?? []).filter((node) => node.ready).map((node) => node.id));
  expect(stays.filter((id) => before.has(id) && going(id))).toEqual([]);
}

async function take(run: Run, what: Step): Promise<void> {
  switch (what.do) {
    case "resize":
      return resize(run, what.nodes, what.repeat);
    case "other":
      await orRefused(run.pools.resize(run.other, what.nodes, crypto.randomUUID(), never));
      return;
    case "remove":
      return remove(run, what.lots);
    case "pass":
      run.now += what.seconds;
      return;
    case "someone":
      run.nodePool.setDesired(what.nodes, run.now);
      return;
    case "limit":
      run.nodePool.limitCapacity(what.nodes);
      return;
    case "preempt": {
      run.gke.advance();
      for (const group of run.nodePool.groups) {
        const running = group.instances.find(({ status, action }) => status === "RUNNING" && action === "NONE");
        if (running !== undefined) group.preempt(running.name, run.now);
      }
      return;
    }
    case "fault":
      run.gke.fault({ operation: "*", kind: what.kind });
      return;
    default:
      what satisfies never;
  }
}

function checkInvariants({ gke, cluster, nodePool, now }: Run): void {
  const { operations } = gke.cluster(PLACE.project, PLACE.location, cluster);
  expect(operations.filter((operation) => operation.endsAt > now).length).toBeLessThanOrEqual(1);
  for (const group of nodePool.groups) {
    const staying = group.instances.filter((instance) => instance.action !== "DELETING");
    expect(staying).toHaveLength(group.target);
  }
}

let gke: Gke;
let pools: NodePools;
let now = START;
beforeAll(async () => {
  gke = await startGke({ now: () => now });
  const limits = { attempts: 2, backoff: 0, requestTimeout: 2 };
  pools = createPools({ gke: { endpoint: gke.url, computeEndpoint: gke.url, limits } });
});
afterAll(() => gke.stop());

it("takes no node that it was not told to take, through any sequence of changes and faults, and ends at the size asked for", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), nodes, async (steps, target) => {
      runs += 1;
      const cluster = `gpu-${runs}`;
      const make = (name: string, zones: readonly string[]) =>
        gke.createNodePool({ ...PLACE, cluster, name, size: 1, spot: true, locations: zones, pace: PACE });
      make("other", ["europe-west4-a"]);
      const nodePool = make("llm", ["europe-west4-a", "europe-west4-b", "europe-west4-c"]);
      const run: Run = {
        cluster,
        llm: poolOf(cluster, "llm"),
        other: poolOf(cluster, "other"),
        gke,
        pools,
        nodePool,
        get now() {
          return now;
        },
        set now(later) {
          now = later;
        },
        key: 1,
      };
      for (const what of steps) {
        await take(run, what);
        checkInvariants(run);
        await orRefused(pools.observe(run.llm, never));
      }
      gke.clearFaults();
      nodePool.limitCapacity(100);
      now += 1000;
      // From nothing every size can be had, rounded up to the zones; from uneven zones it may overshoot.
      await pools.resize(run.llm, 0, "to zero", never);
      now += 1000;
      await pools.resize(run.llm, target, "last", never);
      now += 1000;
      const rounded = Math.ceil(target / 3) * 3;
      expect(await pools.observe(run.llm, never)).toMatchObject({ desired: rounded, ready: rounded, status: "active" });
    }),
    { numRuns: 20 },
  );
}, 120_000);
