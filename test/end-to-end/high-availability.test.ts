import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { EMPTY_MEMORY } from "../../shared/model/memory.ts";
import { updateMemory } from "../../shared/reconcile/update-memory.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";
import { areTogether } from "./member.ts";
import { type Pair, startPair } from "./pair.ts";
import { WORKLOAD } from "./world.ts";

const PENDING = 'ALERTS{alertname="LLMQueueBuildup"}';
const FIRING = 'ALERTS{alertname="LLMQueueBuildup", alertstate="firing"}';

/**
 * Two Alertmanagers in one cluster, each with an address of its own at vramp, before one queue and one memory. For about two
 * minutes one of them dies and comes back in every way that makes notifications come twice, late or from the other one.
 */
describe("two Alertmanagers, one of which dies and comes back", { timeout: TEST_TIMEOUT_MS }, () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  }, TEST_TIMEOUT_MS);
  afterAll(() => pair?.stop());

  /** One node, no alert, both Alertmanagers in one cluster, and nothing remembered: so often up and down would be flapping. */
  beforeEach(async () => {
    await eventually("nothing is remembered", () => updateMemory(pair.memory, WORKLOAD, () => EMPTY_MEMORY));
    const [first, second] = pair.members;
    if (!(await areTogether(first, second))) {
      await second.kill();
      if (first.url() === null) await first.start();
      await second.start(first);
    }
    await pair.heardBy();
    await fall();
  }, TEST_TIMEOUT_MS);

  const looksFor = (status: "firing" | "resolved") =>
    pair.vramp.received.filter(
      ({ wake }) => wake.workload === WORKLOAD && wake.cause.includes(`LLMQueueBuildup ${status}`),
    ).length;
  const bodiesOf = (status: string) =>
    pair.doors.map(({ accepted }) => accepted.filter((body) => body.includes(`"status":"${status}"`)).length);

  /** Down to one node, by ticks, until no alert is left. */
  async function fall() {
    pair.noDemand();
    await eventually("one node is in service", async () => {
      if (!pair.rests(1)) await pair.vramp.tick();
      return pair.rests(1);
    });
    await eventually("no alert is left in Prometheus", async () => !(await pair.holds("ALERTS")));
  }

  /**
   * One rise and fall; `meanwhile` happens as the queue begins to grow. No tick comes before vramp has looked because of the
   * alert. Gives the sizes that EKS was asked for, and how many webhooks of a firing alert each address accepted.
   */
  async function incident(meanwhile: () => Promise<unknown> = async () => {}) {
    const [firing, resolved, asked] = [looksFor("firing"), looksFor("resolved"), pair.sizes().length];
    const told = bodiesOf("firing");
    pair.demand();
    await meanwhile();
    await eventually("vramp has looked because the alert fires", () => looksFor("firing") > firing);
    await eventually("EKS is asked for more nodes", async () => {
      // On a busy machine the alert's look may have found a scrape missing.
      if (pair.sizes().length === asked) await pair.vramp.tick();
      return pair.sizes().length > asked;
    });
    await eventually("three nodes are in service", () => pair.rests(3));
    await eventually("vramp has looked because the alert is over", () => looksFor("resolved") > resolved);
    await fall();
    return { sizes: pair.sizes().slice(asked), told: bodiesOf("firing").map((count, i) => count - (told[i] ?? 0)) };
  }

  test("while both live, one resize up and one down [F1]", async () => {
    expect((await incident()).sizes).toEqual([3, 1]);
  });

  test("the first dies as the alert is about to fire: the second tells of it [F1]", async () => {
    const { sizes, told } = await incident(async () => {
      await eventually("the alert is pending", () => pair.holds(PENDING));
      await pair.members[0].kill();
    });
    expect(sizes).toEqual([3, 1]);
    expect(told[1]).toBeGreaterThan(0);
  });

  test("the first comes back with an empty disk while the alert fires, and tells again at most [F1]", async () => {
    await pair.members[0].kill();
    await pair.heardBy();
    const { sizes } = await incident(async () => {
      await eventually("the alert fires", () => pair.holds(FIRING));
      await pair.members[0].start(pair.members[1]);
      await pair.heardBy();
    });
    expect(sizes).toEqual([3, 1]);
  });

  test("the second dies right after somebody has told of the alert [F1]", async () => {
    const before = bodiesOf("firing").join();
    const { sizes } = await incident(async () => {
      await eventually("somebody has told", () => bodiesOf("firing").join() !== before);
      await pair.members[1].kill();
    });
    expect(sizes).toEqual([3, 1]);
  });

  test("the second comes back and finds no other, so that both tell of everything: still one resize [F1]", async () => {
    await pair.members[1].kill();
    await pair.members[1].start();
    await pair.heardBy();
    const { sizes, told } = await incident();
    expect(sizes).toEqual([3, 1]);
    expect(Math.min(...told)).toBeGreaterThan(0);
  });

  test("in all this nothing was given up, refused or left out of the audit", async () => {
    expect(pair.vramp.backlog()).toEqual({ waiting: 0, dead: 0 });
    const events = (await pair.memory.history(WORKLOAD, 1000)).toReversed();
    expect(verifyChain(events)).toBeNull();
    expect(events.filter(({ type }) => type === "dev.vramp.failed")).toEqual([]);
    const acted = events.filter(({ type }) => type === "dev.vramp.acted");
    expect(acted.map(({ data }) => data.to)).toEqual(pair.sizes());
  });
});
