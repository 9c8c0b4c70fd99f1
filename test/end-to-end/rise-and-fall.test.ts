import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { systemClock } from "../../shared/model/clock.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";
import { NO_QUEUE, nodesReady, rise, sizesAskedFor, webhookAfter } from "./incident.ts";
import { RULE_FOR, startWorld, WORKLOAD, type World } from "./world.ts";

const run = promisify(execFile);

describe("one rise and fall, from a metric to EKS and back", { timeout: TEST_TIMEOUT_MS }, () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, TEST_TIMEOUT_MS);
  afterAll(() => world?.stop());

  test("the generated files are valid to Prometheus' and Alertmanager's own tools", async () => {
    const { rules, alertmanager } = world.monitoring.generated;

    await expect(run("promtool", ["check", "rules", rules])).resolves.toMatchObject({
      stdout: expect.stringMatching(/SUCCESS: \d+ rules found/),
    });
    await expect(run("amtool", ["check-config", alertmanager])).resolves.toMatchObject({
      stdout: expect.stringContaining("SUCCESS"),
    });
  });

  test("a long queue fires an alert, whose webhook makes 1 node 3 without a tick", async () => {
    const { changedAt, request } = await rise(world);

    expect(request).toMatchObject({
      input: { clusterName: "prod", nodegroupName: "llm-a100", scalingConfig: { desiredSize: 3 } },
      outcome: { status: 200 },
    });
    expect(request.at - changedAt).toBeGreaterThan(RULE_FOR);
    await nodesReady(world, 3);
    expect(sizesAskedFor(world.resizes())).toEqual([3]);
    // Where the machine stood still, Alertmanager was told to try again.
    const accepted = world.vramp.deliveries.filter(({ status }) => status !== 503);
    expect(accepted).toMatchObject([{ fromAlertmanager: true, status: 202 }]);
    expect(world.vramp.received).toMatchObject([
      {
        wake: { workload: WORKLOAD, trigger: "alert", cause: "LLMQueueBuildup firing" },
        receiveCount: 1,
        failed: false,
      },
    ]);
  });

  test("audit and memory say what was done and why", async () => {
    const events = await eventually("both events are in the audit", async () => {
      const history = await world.memory.history(WORKLOAD, 10);
      return history.length >= 2 && history;
    });

    expect(events.toReversed()).toMatchObject([
      {
        type: "dev.vramp.decided",
        data: { trigger: "alert", cause: "LLMQueueBuildup firing", current: 1, want: 3, reason: "RuleMatched" },
      },
      { type: "dev.vramp.acted", data: { pool: "llm-a100", from: 1, to: 3 } },
    ]);
    expect((await world.memory.load(WORKLOAD)).value).toMatchObject({
      lastDecision: { current: 1, want: 3, reason: "RuleMatched" },
      lastChange: { from: 1, to: 3 },
      scaleUps: [{ change: 2 }],
    });
  });

  test("once the queue is empty, ticks bring it back to 1 node, but only after its windows", async () => {
    const emptyAt = systemClock();
    world.exporter.setQueue(NO_QUEUE);
    const before = world.vramp.decisions.length;
    const request = await eventually("EKS is asked for fewer nodes", async () => {
      await world.vramp.tick();
      return world.resizes()[1];
    });
    const reasons = world.vramp.decisions
      .slice(before)
      .flatMap(({ workload, reason }) => (workload === WORKLOAD ? [reason] : []));

    expect(sizesAskedFor(world.resizes())).toEqual([3, 1]);
    expect(request.at - emptyAt).toBeGreaterThan(RULE_FOR);
    expect(reasons).toContain("Stabilizing");
    expect(reasons.at(-1)).toBe("RuleMatched");
    await nodesReady(world, 1);
    await expect(webhookAfter(world, "resolved", emptyAt)).resolves.toMatchObject({ status: 202 });
  });

  test("the audit's chain holds from the first event to the last", async () => {
    const events = (await world.memory.history(WORKLOAD, 1000)).toReversed();

    expect(verifyChain(events)).toBeNull();
    expect(events.filter((event) => event.type === "dev.vramp.acted").map((event) => event.data)).toMatchObject([
      { from: 1, to: 3 },
      { from: 3, to: 1 },
    ]);
    expect(events[0]?.sequence).toBe(1);
    expect(world.vramp.backlog()).toEqual({ waiting: 0, dead: 0 });
  });
});
