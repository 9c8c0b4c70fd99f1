import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/model/clock.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";
import {
  allLooksDone,
  calm,
  LITTLE_VRAM,
  LONG_QUEUE,
  NO_QUEUE,
  nodesReady,
  sizesAskedFor,
  webhookAfter,
  webhookOf,
} from "./incident.ts";
import { startWorld, WORKLOAD, type World } from "./world.ts";

const LONG_QUEUE_ALERT = 'ALERTS{alertname="LLMQueueBuildup"}';

let world: World;
beforeAll(async () => {
  // So that two alerts of one group are one too many, and the webhook is truncated.
  world = await startWorld({ maxAlerts: 1 });
}, TEST_TIMEOUT_MS);
afterAll(() => world?.stop());

/** What is caused from now on. */
function fromNowOn() {
  const [resizes, received] = [world.resizes().length, world.vramp.received.length];
  return {
    sizes: () => sizesAskedFor(world.resizes().slice(resizes)),
    woken: () => world.vramp.received.slice(received).map(({ wake }) => wake),
  };
}

/** The real webhook of a rise that vramp has not heard of, for the network loses it. */
async function lostWebhook(): Promise<string> {
  const since = systemClock();
  world.vramp.loseFromAlertmanager(true);
  world.exporter.setQueue(LONG_QUEUE);
  return (await webhookAfter(world, "firing", since)).body;
}

const alertIsOver = () => eventually("the alert is over", async () => !(await world.holds(LONG_QUEUE_ALERT)));

describe("webhooks that come twice, out of order or with alerts left out", { timeout: TEST_TIMEOUT_MS }, () => {
  beforeEach(() => calm(world), TEST_TIMEOUT_MS);

  test("duplicated: one webhook five times at once, and again later, is one resize [F1]", async () => {
    const { sizes, woken } = fromNowOn();
    const body = await lostWebhook();

    const answers = await Promise.all(Array.from({ length: 5 }, () => world.post(body)));
    // The same delivery, again and again: on a busy machine the first looks may find a scrape missing.
    await eventually("EKS is asked for more nodes", async () => {
      answers.push(await world.post(body));
      return sizes().length > 0;
    });
    await nodesReady(world, 3);
    const looks = woken().length;
    // For up to ten seconds it is still the same wake-up; then it is a look of its own, with the queue as long as before.
    await eventually("vramp has looked once more", async () => {
      answers.push(await world.post(body));
      return woken().length > looks;
    });
    await allLooksDone(world);

    expect(new Set(answers)).toEqual(new Set([202]));
    expect(sizes()).toEqual([3]);
    expect(world.size()).toEqual({ ready: 3, desired: 3 });
  });

  test.each([
    ["resolved before firing", ["resolved", "firing"]],
    ["firing before resolved", ["firing", "resolved"]],
  ])("reordered: %s ends at the same size [F2]", async (_, order) => {
    const { sizes, woken } = fromNowOn();
    const firing = await lostWebhook();
    const bodies = new Map([
      ["firing", firing],
      ["resolved", firing.replaceAll('"firing"', '"resolved"')],
    ]);

    for (const [index, status] of order.entries()) {
      expect(await world.post(bodies.get(status) ?? "")).toBe(202);
      await eventually(`vramp has looked because of ${status}`, () => woken().length > index);
      await eventually("EKS would take another change", () => world.nodeGroup.status(systemClock()) === "ACTIVE");
    }

    expect(woken().map(({ cause }) => cause)).toEqual(order.map((status) => `LLMQueueBuildup ${status}`));
    expect(sizes()).toEqual([3]);
    expect(world.size().desired).toBe(3);
  });

  test("reordered: a firing that arrives when all is over changes nothing [F2] [T3]", async () => {
    const { sizes, woken } = fromNowOn();
    const late = await lostWebhook();
    world.exporter.setQueue(NO_QUEUE);
    await alertIsOver();

    expect(await world.post(late)).toBe(202);
    await eventually("vramp has looked", () => woken().length > 0);

    expect(sizes()).toEqual([]);
    expect(world.size().desired).toBe(1);
  });

  test("truncated: a webhook that leaves alerts out wakes every workload, and only the busy one grows [F13]", async () => {
    const { sizes, woken } = fromNowOn();
    world.exporter.setVramFree(LITTLE_VRAM);
    world.exporter.setQueue(LONG_QUEUE);

    const truncated = await webhookOf(world, "it left an alert out", ({ truncatedAlerts }) => truncatedAlerts > 0);
    await eventually("vramp has looked at both workloads", () => new Set(woken().map((w) => w.workload)).size === 2);
    await eventually("EKS is asked for more nodes", () => sizes().length > 0);

    expect(truncated.status).toBe(202);
    expect(woken()).toContainEqual(
      expect.objectContaining({ workload: "embedding", trigger: "alert", cause: "truncated notification" }),
    );
    expect(sizes()).toEqual([3]);
    expect(world.resizes().at(-1)?.input).toMatchObject({ nodegroupName: "llm-a100" });
    expect((await world.memory.load(WORKLOAD)).value.lastDecision).toMatchObject({ want: 3 });
  });
});

describe("webhooks that vramp refuses wake nobody, however long the queue is", { timeout: TEST_TIMEOUT_MS }, () => {
  let body = "";
  beforeAll(async () => {
    await calm(world);
    body = await lostWebhook();
  }, TEST_TIMEOUT_MS);

  test.each([
    ["forged: a wrong token", 401, "BadToken", () => world.post(body, "x".repeat(world.token.length))],
    ["forged: no token", 401, "BadToken", () => world.post(body, "")],
    ["cut off: half a body", 400, "NotJson", () => world.post(body.slice(0, body.length / 2))],
    ["cut off: no body", 400, "NotJson", () => world.post("")],
  ])("%s is answered with %i and counted as %s", async (_, status, why, post) => {
    const { sizes, woken } = fromNowOn();
    const before = world.vramp.counted("AlertsRefused", why);

    expect(await post()).toBe(status);

    expect(world.vramp.counted("AlertsRefused", why)).toBe(before + 1);
    expect({ waiting: world.vramp.backlog().waiting, woken: woken(), sizes: sizes() }).toEqual({
      waiting: 0,
      woken: [],
      sizes: [],
    });
  });

  test("cut off: a connection that ends before the announced length is answered with 400", async () => {
    const { sizes, woken } = fromNowOn();
    const accepted = world.vramp.counted("AlertsAccepted", "");

    expect(await sendAllButTheEnd(body)).toMatch(/^HTTP\/1\.1 400 /);

    expect(world.vramp.counted("AlertsAccepted", "")).toBe(accepted);
    expect({ waiting: world.vramp.backlog().waiting, woken: woken(), sizes: sizes() }).toEqual({
      waiting: 0,
      woken: [],
      sizes: [],
    });
  });
});

/** Sends a body that would do, with the right token, but announces one byte more and ends; gives what comes back. */
async function sendAllButTheEnd(body: string): Promise<string> {
  const { hostname, port, pathname } = new URL(world.vramp.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  const closed = once(socket, "close");
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: Bearer ${world.token}`,
    `Content-Length: ${Buffer.byteLength(body) + 1}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  await closed;
  return answer;
}
