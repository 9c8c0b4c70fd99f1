import fc from "fast-check";
import { expect, it } from "vitest";
import type { AgentPool } from "../../sandbox/clouds/aks-agent-pool.ts";
import { FAULTS } from "../../sandbox/clouds/faults.ts";
import { PoolError } from "../../shared/pools/errors.ts";
import { NO_CAPACITY, openAks, poolNamed } from "./aks-world.ts";
import { never } from "./cloud-world.ts";

const POOL = poolNamed("llm");
const MOST = 6;

interface Run extends Awaited<ReturnType<typeof openAks>> {
  readonly agentPool: AgentPool;
  key: number;
}

type Step =
  | { readonly do: "resize"; readonly nodes: number; readonly repeat: boolean }
  | { readonly do: "remove"; readonly nodes: number }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "someone"; readonly nodes: number }
  | { readonly do: "limit"; readonly nodes: number }
  | { readonly do: "evict" }
  | { readonly do: "fault"; readonly kind: (typeof FAULTS)[number] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("resize" as const), nodes: fc.nat(MOST), repeat: fc.boolean() }),
  fc.record({ do: fc.constant("remove" as const), nodes: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant("pass" as const), seconds: fc.nat(400) }),
  fc.record({ do: fc.constant("someone" as const), nodes: fc.nat(MOST) }),
  fc.record({ do: fc.constant("limit" as const), nodes: fc.nat(MOST) }),
  fc.record({ do: fc.constant("evict" as const) }),
  // A hang costs its time-out in real time, and a throttle its pause; the contract has both.
  fc.record({
    do: fc.constant("fault" as const),
    kind: fc.constantFrom(...FAULTS.filter((kind) => kind !== "hang" && kind !== "throttle")),
  }),
);

/** Lets a call be refused, but only in the one way that the port knows. */
async function orRefused<T>(promise: Promise<T>): Promise<T | null> {
  return promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(PoolError);
    return null;
  });
}

async function take(run: Run, what: Step): Promise<void> {
  const { agentPool, aks, pools } = run;
  switch (what.do) {
    case "resize":
      if (!what.repeat) run.key += 1;
      await orRefused(pools.resize(POOL, what.nodes, `intent-${run.key}`, never));
      return;
    case "remove": {
      const seen = await orRefused(pools.observe(POOL, never));
      const ids = (seen?.nodes ?? []).slice(0, what.nodes).map((node) => node.id);
      run.key += 1;
      await orRefused(pools.remove(POOL, ids, `intent-${run.key}`, never));
      return;
    }
    case "pass":
      run.pass(what.seconds);
      return;
    case "someone":
      // AKS refuses whoever comes while an operation runs.
      if (aks.agentPool("llm").state === "Succeeded") agentPool.setCount(what.nodes, run.now());
      return;
    case "limit":
      agentPool.limit({ nodes: what.nodes, error: NO_CAPACITY });
      return;
    case "evict": {
      const node = agentPool.instances.find(({ goneAt, readyAt }) => goneAt === null && readyAt <= run.now());
      if (aks.agentPool("llm").state === "Succeeded" && node !== undefined) agentPool.evict(agentPool.nameOf(node));
      return;
    }
    case "fault":
      aks.fault({ operation: "*", kind: what.kind });
      return;
    default:
      what satisfies never;
  }
}

function checkInvariants({ agentPool, now }: Run, settings: unknown): void {
  expect(agentPool.settings).toEqual(settings);
  expect(agentPool.orders).toEqual([]);
  expect(agentPool.count).toBeGreaterThanOrEqual(0);
  expect(agentPool.operations.filter((operation) => operation.endsAt > now()).length).toBeLessThanOrEqual(1);
  const live = agentPool.instances.filter(({ goneAt }) => goneAt === null);
  expect(live.length).toBeLessThanOrEqual(agentPool.count);
}

it("changes only the size through any sequence of changes and faults, and ends at the size asked for", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(MOST), async (steps, target) => {
      const world = await openAks();
      const agentPool = world.create("llm", 3);
      const { settings } = agentPool;
      const run: Run = { ...world, agentPool, key: 1 };
      try {
        for (const what of steps) {
          await take(run, what);
          checkInvariants(run, settings);
        }
        world.aks.clearFaults();
        agentPool.limit(null);
        world.pass(1000);
        await world.pools.resize(POOL, target, "last", never);
        world.pass(1000);
        expect(await world.pools.observe(POOL, never)).toMatchObject({ desired: target, ready: target });
      } finally {
        await world.aks.stop();
      }
    }),
    { numRuns: 40 },
  );
});
