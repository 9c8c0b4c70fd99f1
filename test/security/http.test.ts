import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAlertsHandler } from "../../functions/alerts/handler.ts";
import { MAX_BODY_BYTES } from "../../functions/alerts/limits.ts";
import type { Listening } from "../../functions/http/listen.ts";
import { startHttp } from "../../functions/http/server.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { fleetOf, NOON } from "../support/fleet.ts";
import { ALERT_TOKEN, alertOf, webhook } from "./whole-way.ts";

const BODY = webhook([alertOf({ vramp_workload: "llm" })]);
const BEARER = { authorization: `Bearer ${ALERT_TOKEN}` };

let server: Listening;
let woken = 0;
let invoked: unknown[] = [];
let queueIsUp = true;

beforeAll(async () => {
  const secrets = createStaticSecrets({ tokens: ALERT_TOKEN });
  const alerts = createAlertsHandler({
    policy: async () => fleetOf(),
    queue: {
      send: async (wakes) => {
        if (!queueIsUp) throw new WakeQueueUnavailable("arn:aws:sqs:eu-central-1:111122223333:wakes.fifo is down");
        woken += wakes.length;
      },
    },
    secrets,
    tokenSecret: "tokens",
    telemetry: SILENT,
    clock: () => NOON,
  });
  const invoke = async (event: unknown) => {
    invoked.push(event);
    return { summary: "done" };
  };
  server = await startHttp({ alerts, invoke, secrets, tokenSecret: "tokens" }, 0);
});
afterAll(() => server.stop());

const post = (path: string, init: RequestInit = {}) =>
  fetch(server.url + path, { method: "POST", body: BODY, redirect: "manual", ...init });

describe("whoever has no token", () => {
  test.each([
    ["with none", "/alerts", {}],
    ["with a token in the address", `/alerts?token=${ALERT_TOKEN}&authorization=Bearer%20${ALERT_TOKEN}`, {}],
    ["with a token in a cookie", "/alerts", { cookie: `authorization=Bearer ${ALERT_TOKEN}; token=${ALERT_TOKEN}` }],
    ["with a token in another header", "/alerts", { "x-api-key": ALERT_TOKEN, "proxy-authorization": ALERT_TOKEN }],
    ["with the token as a name", "/alerts", { authorization: `Basic ${btoa(`${ALERT_TOKEN}:`)}` }],
    ["to invoke, with none", "/invoke", {}],
    ["to invoke, with a token in the address", `/invoke?token=${ALERT_TOKEN}`, {}],
  ])("%s is told no more than that [F7] [T2] [T26] [T35]", async (_, path, headers) => {
    const before = woken;
    const reply = await post(path, { headers });
    expect([reply.status, await reply.json()]).toEqual([401, { error: "unauthorized" }]);
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
    expect(woken).toBe(before);
  });

  test.each(["/invoke", "/alerts"])("is refused at %s before a body has come [F7] [F10]", async (path) => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    // Announces a body and never sends it: whoever waited for it would not answer.
    socket.write(`POST ${path} HTTP/1.1\r\nhost: vramp\r\ncontent-length: 1000000\r\n\r\n`);
    const [answer] = await once(socket, "data");
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe("whoever has one", () => {
  test("invokes, and not with more than the limit [F10]", async () => {
    invoked = [];
    expect((await post("/invoke", { headers: BEARER, body: '{"action":"status"}' })).status).toBe(200);
    expect((await post("/invoke", { headers: BEARER, body: " ".repeat(MAX_BODY_BYTES + 1) })).status).toBe(413);
    expect((await post("/invoke", { headers: BEARER, body: "{" })).status).toBe(400);
    expect(invoked).toEqual([{ action: "status" }]);
  });

  test("is told nothing of the inside when something is down, and when to come again [F6] [F9] [T35]", async () => {
    queueIsUp = false;
    const reply = await post("/alerts", { headers: BEARER });
    queueIsUp = true;
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await reply.json()).toEqual({ error: "not accepted; send it again" });
  });

  test.each([
    ["/alerts/", 404],
    ["/", 404],
    ["//", 404],
    ["/alerts/../invoke/", 404],
    ["/ALERTS", 404],
    ["/healthz/", 404],
    ["/__proto__", 404],
    ["/constructor", 404],
    ["/alerts", 202],
    ["/alerts?x=y", 202],
  ])("at %s is never sent elsewhere: %i [F8]", async (path, status) => {
    const reply = await post(path, { headers: BEARER });
    expect(reply.status).toBe(status);
    expect(reply.headers.get("location")).toBeNull();
  });

  test.each(["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])("with %s is told to post [F8] [T26]", async (method) => {
    const init = method === "GET" ? { method } : { method, body: BODY };
    const reply = await fetch(`${server.url}/alerts`, { ...init, headers: BEARER, redirect: "manual" });
    expect(reply.status).toBe(405);
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("with an address that is none gets an answer all the same [F8]", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("POST //[ HTTP/1.1\r\nhost: vramp\r\ncontent-length: 0\r\n\r\n");
    const [answer] = await once(socket, "data");
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1.1 404 /);
  });
});
