import fc from "fast-check";
import { expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import { FAULTS } from "../../sandbox/clouds/faults.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { PoolError } from "../../shared/pools/errors.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";
import { createPools } from "../../shared/pools/pools.ts";

const POOL: Pool = {
  name: "llm-spot",
  capacity: "spot",
  control: "desired",
  eks: { region: "eu-central-1", cluster: "gpu", nodegroup: "llm-spot" },
};
const MAX = 6;
const START = 1_800_000_000;
const PACE = { launch: 180, drain: 60, update: 20 };
const never = new AbortController().signal;

interface Run {
  readonly aws: Aws;
  readonly pools: NodePools;
  readonly nodegroup: NodeGroup;
  now: number;
  key: number;
}

type Step =
  | { readonly do: "resize"; readonly nodes: number; readonly repeat: boolean }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "someone"; readonly nodes: number }
  | { readonly do: "limit"; readonly nodes: number }
  | { readonly do: "interrupt" }
  | { readonly do: "fault"; readonly kind: (typeof FAULTS)[number] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("resize" as const), nodes: fc.nat(MAX + 2), repeat: fc.boolean() }),
  fc.record({ do: fc.constant("pass" as const), seconds: fc.nat(400) }),
  fc.record({ do: fc.constant("someone" as const), nodes: fc.nat(MAX) }),
  fc.record({ do: fc.constant("limit" as const), nodes: fc.nat(MAX) }),
  fc.record({ do: fc.constant("interrupt" as const) }),
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

async function take(run: Run, what: Step): Promise<void> {
  switch (what.do) {
    case "resize":
      if (!what.repeat) run.key += 1;
      await orRefused(run.pools.resize(POOL, what.nodes, `intent-${run.key}`, never));
      return;
    case "pass":
      run.now += what.seconds;
      return;
    case "someone": {
      const { min } = run.nodegroup.group.bounds;
      run.nodegroup.setDesired(Math.max(min, what.nodes), run.now);
      return;
    }
    case "limit":
      run.nodegroup.limitCapacity(what.nodes);
      return;
    case "interrupt": {
      const node = run.nodegroup.group.instances.find(({ lifecycle }) => lifecycle === "InService");
      if (node !== undefined) run.nodegroup.interrupt(node.id, run.now);
      return;
    }
    case "fault":
      run.aws.fault({ operation: "*", kind: what.kind });
      return;
    default:
      what satisfies never;
  }
}

function checkInvariants({ nodegroup, now, key }: Run): void {
  const { minSize, maxSize, desiredSize } = nodegroup.scaling;
  expect(0 <= minSize && minSize <= desiredSize && desiredSize <= maxSize).toBe(true);
  const { min, max, desired } = nodegroup.group.bounds;
  expect(0 <= min && min <= desired && desired <= max).toBe(true);
  expect(maxSize).toBe(MAX);
  expect(nodegroup.updates.filter((update) => update.endsAt > now).length).toBeLessThanOrEqual(1);
  expect(nodegroup.updates.length).toBeLessThanOrEqual(key);
  const live = nodegroup.group.instances.filter(({ lifecycle }) => lifecycle !== "Terminating:Wait");
  expect(live.length).toBeLessThanOrEqual(desired);
}

it("keeps every bound through any sequence of changes and faults, and ends at the size asked for", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(MAX), async (steps, target) => {
      let run: Run | null = null;
      const aws = await startAws({ now: () => run?.now ?? START });
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      const pools = createPools({ eks: { endpoint: aws.url, credentials, limits: { attempts: 1 } } });
      const nodegroup = aws.eks.createNodegroup({
        region: "eu-central-1",
        cluster: "gpu",
        name: "llm-spot",
        capacityType: "SPOT",
        scaling: { minSize: 2, maxSize: MAX, desiredSize: 3 },
        pace: PACE,
      });
      run = { aws, pools, nodegroup, now: START, key: 1 };
      try {
        for (const what of steps) {
          await take(run, what);
          checkInvariants(run);
          await orRefused(pools.observe(POOL, never));
          checkInvariants(run);
        }
        aws.clearFaults();
        nodegroup.limitCapacity(MAX);
        run.now += 1000;
        await pools.resize(POOL, target, "last", never);
        run.now += 1000;
        expect(await pools.observe(POOL, never)).toMatchObject({ desired: target, ready: target });
      } finally {
        await aws.stop();
      }
    }),
    { numRuns: 60 },
  );
});
