import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultKind } from "../../sandbox/clouds/faults.ts";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";
import { calm, LONG_QUEUE, sizesAskedFor } from "./incident.ts";
import { REGION } from "./vramp.ts";
import { CLUSTER, NODE_GROUP, startWorld, WORKLOAD, type World } from "./world.ts";

/** How often and how long EKS is asked before vramp gives up; short, because a test waits for it. */
const EKS_LIMITS = { attempts: 2, requestTimeout: 1 };

describe("EKS says no in mid-incident", { timeout: TEST_TIMEOUT_MS }, () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ eksLimits: EKS_LIMITS });
  }, TEST_TIMEOUT_MS);
  afterAll(() => world?.stop());

  beforeEach(() => calm(world), TEST_TIMEOUT_MS);
  afterEach(() => world.aws.clearFaults());

  /** The incident, until vramp has looked because of its alert; what the audit and the queue have of it. */
  async function incident() {
    const before = world.vramp.received.length;
    const [last] = await world.memory.history(WORKLOAD, 1);
    world.exporter.setQueue(LONG_QUEUE);
    const received = await eventually("vramp has looked because of the alert", () =>
      world.vramp.received.slice(before).find(({ wake }) => wake.cause === "LLMQueueBuildup firing"),
    );
    const events = (await world.memory.history(WORKLOAD, 20)).toReversed();
    return { received, events: events.filter((event) => event.sequence > (last?.sequence ?? 0)) };
  }

  const failures = (events: Awaited<ReturnType<typeof incident>>["events"]) =>
    events.filter((event) => event.type === "dev.vramp.failed").map((event) => event.data);

  test.each<{ what: string; fault: FaultKind; times: number; kind: string; message: RegExp }>([
    {
      what: "a denied call",
      fault: "denied",
      times: 1,
      kind: "Forbidden",
      message: /vramp's role may not call eks:UpdateNodegroupConfig/,
    },
    {
      what: "an endpoint that hangs",
      fault: "hang",
      times: EKS_LIMITS.attempts,
      kind: "Unavailable",
      message: /UpdateNodegroupConfig got no answer in time/,
    },
  ])("$what is one failure of kind $kind, and the message is done with", async ({ fault, times, kind, message }) => {
    world.aws.fault({ operation: "UpdateNodegroupConfig", kind: fault, times });
    const calls = world.resizes().length;

    const { received, events } = await incident();

    expect(failures(events)).toEqual([
      { pool: NODE_GROUP, from: 1, to: 3, error: { kind, message: expect.stringMatching(message) } },
    ]);
    expect(sizesAskedFor(world.resizes().slice(calls))).toEqual(Array(times).fill(3));
    expect(received).toMatchObject({ receiveCount: 1, failed: false });
    expect(world.vramp.backlog()).toEqual({ waiting: 0, dead: 0 });
    expect(world.size().desired).toBe(1);
  });

  test("the next tick makes up for an endpoint that hung", async () => {
    world.aws.fault({ operation: "UpdateNodegroupConfig", kind: "hang", times: EKS_LIMITS.attempts });
    await incident();

    await world.vramp.tick();

    const [acted, , resolved] = await world.memory.history(WORKLOAD, 3);
    expect(resolved).toMatchObject({ type: "dev.vramp.resolved", data: { to: 3 } });
    expect(acted).toMatchObject({ type: "dev.vramp.acted", data: { from: 1, to: 3 } });
    expect(world.size().desired).toBe(3);
  });

  test("a node group that is gone is NotFound, and the message is done with", async () => {
    await world.vramp.tick(); // sees the pool once, so that there is a size to remember
    const calls = world.resizes().length;
    world.aws.eks.deleteNodegroup(REGION, CLUSTER, NODE_GROUP);

    const { received, events } = await incident();

    expect(events).toHaveLength(1);
    expect(events).toMatchObject([
      {
        type: "dev.vramp.decided",
        data: { trigger: "alert", current: 1, want: 1, reason: "NotFound", detail: expect.stringMatching(NODE_GROUP) },
      },
    ]);
    expect(world.resizes()).toHaveLength(calls);
    expect(received).toMatchObject({ receiveCount: 1, failed: false });
    expect(world.vramp.backlog()).toEqual({ waiting: 0, dead: 0 });
    expect(verifyChain((await world.memory.history(WORKLOAD, 1000)).toReversed())).toBeNull();
  });
});
