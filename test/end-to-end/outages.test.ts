import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/model/clock.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";
import { allLooksDone, LONG_QUEUE, nodesReady, rise, sizesAskedFor, webhookAfter } from "./incident.ts";
import { startWorld, WORKLOAD, type World } from "./world.ts";

describe("what watches the fleet dies in mid-incident", { timeout: TEST_TIMEOUT_MS }, () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  }, TEST_TIMEOUT_MS);
  afterEach(() => world?.stop());

  const firing = () => world.holds('ALERTS{alertname="LLMQueueBuildup", alertstate="firing"}');

  test("Alertmanager: no webhook comes, and the tick makes 1 node 3 [F4]", async () => {
    world.exporter.setQueue(LONG_QUEUE);
    await world.monitoring.alertmanager.stop();
    await eventually("the alert fires in Prometheus", firing);

    await world.vramp.tick();

    expect(world.vramp.deliveries).toEqual([]);
    expect(sizesAskedFor(world.resizes())).toEqual([3]);
    const [acted, decided] = await world.memory.history(WORKLOAD, 2);
    expect(acted).toMatchObject({ type: "dev.vramp.acted", data: { from: 1, to: 3 } });
    expect(decided).toMatchObject({ type: "dev.vramp.decided", data: { trigger: "tick", reason: "RuleMatched" } });
  });

  test("Prometheus: the alert resolves although the queue is long, and nothing shrinks [F5] [F29]", async () => {
    await rise(world);
    await nodesReady(world, 3);
    await allLooksDone(world);
    const looks = world.vramp.decisions.length;

    const since = systemClock();
    await world.monitoring.prometheus.stop();
    const resolved = await webhookAfter(world, "resolved", since);
    await eventually("vramp looks for the resolved alert", () => world.vramp.decisions.length > looks);
    await world.vramp.tick();
    await world.vramp.tick();

    expect(resolved.status).toBe(202);
    const decided = world.vramp.decisions.slice(looks).filter((each) => each.workload === WORKLOAD);
    expect(decided).toMatchObject(
      ["alert", "tick", "tick"].map((trigger) => ({ trigger, current: 3, want: 3, reason: "SignalUnknown" })),
    );
    expect(sizesAskedFor(world.resizes())).toEqual([3]);
    expect(world.size()).toEqual({ ready: 3, desired: 3 });
    expect((await world.memory.load(WORKLOAD)).value.lastDecision).toMatchObject({ want: 3, reason: "SignalUnknown" });
  });
});
