import { createHash, createHmac } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type Answer,
  fixture,
  hang,
  matrix,
  reply,
  reset,
  type ScriptedPrometheus,
  type SeenRequest,
  series,
  startScriptedPrometheus,
} from "../../test/support/scripted-prometheus.ts";
import type { SignalObservation } from "../model/signal.ts";
import { type Signal, signal as signalSchema } from "../policy/schema/signals.ts";
import { createStaticSecrets } from "../secrets/static.ts";
import { SourceMisconfigured } from "./errors.ts";
import { createPrometheusSource, type PrometheusOptions } from "./prometheus.ts";

const NOW = 1795218624.161;
const SECRETS = createStaticSecrets({ token: "s3cr3t\n", password: "pa:ss" });

const queue = (over: object = {}): Signal =>
  signalSchema.parse({ source: "prom", query: "llm_queue_length", maxAge: "90s", step: "5s", ...over });

let scripted: ScriptedPrometheus | undefined;
afterEach(async () => {
  await scripted?.stop();
  scripted = undefined;
  vi.unstubAllEnvs();
});

/** A scripted Prometheus, and how to read a signal from it. */
async function prometheus(answers: readonly Answer[], options: Partial<PrometheusOptions> = {}, path = "") {
  scripted = await startScriptedPrometheus(NOW, answers);
  const source = createPrometheusSource({ url: scripted.url + path, secrets: SECRETS, ...options });
  const read = (signal = queue(), abort = new AbortController().signal): Promise<SignalObservation> =>
    source.fetch({ name: "queue", signal, window: 20, now: NOW }, abort);
  return { seen: scripted.seen, read };
}

describe("the request", () => {
  test("is one form post for the range up to now", async () => {
    const { seen, read } = await prometheus([reply(fixture("query-range.json"))], {}, "/prometheus/");

    await read(queue({ query: 'sum(x{a="b&c=d"})', step: "15s" }));

    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/prometheus/api/v1/query_range" });
    expect(seen[0]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      query: 'sum(x{a="b&c=d"})',
      start: (NOW - 30).toFixed(3), // two whole steps cover the 20 s asked for, and the last one falls on now
      end: NOW.toFixed(3),
      step: "15",
      timeout: "5",
      lookback_delta: "90",
    });
  });

  test.each([
    ["none", undefined, undefined],
    ["bearer", { bearer: { tokenSecret: "token" } }, "Bearer s3cr3t"],
    ["basic", { basic: { username: "me", passwordSecret: "password" } }, `Basic ${btoa("me:pa:ss")}`],
  ])("carries the credentials of auth %s", async (_, auth, header) => {
    const { seen, read } = await prometheus([matrix([series(NOW)])], { auth });

    const observation = await read();

    expect(observation.kind).toBe("series");
    expect(seen[0]?.headers.authorization).toBe(header);
  });

  test("is signed for Amazon Managed Prometheus", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    const { seen, read } = await prometheus(
      [matrix([series(NOW)])],
      { auth: { sigv4: { region: "eu-central-1" } } },
      "/workspaces/ws-1",
    );

    const observation = await read();

    expect(observation.kind).toBe("series");
    const [request] = seen;
    expect(request?.headers["x-amz-security-token"]).toBe("session");
    expect(request?.headers["x-amz-date"]).toBe("20261120T235024Z");
    expect(signatureIn(request)).toBe(signatureFor(request, "wJalrXUtnFEMI", "eu-central-1", "aps"));
  });
});

const signatureIn = (request: SeenRequest | undefined) =>
  /Signature=([0-9a-f]+)/.exec(request?.headers.authorization ?? "")?.[1];

/** The signature that AWS would compute (Signature Version 4, "Create a signed request"), from what arrived. */
function signatureFor(request: SeenRequest | undefined, secret: string, region: string, service: string): string {
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const signed = /SignedHeaders=([^,]+)/.exec(request?.headers.authorization ?? "")?.[1] ?? "";
  const headers = signed.split(";").map((name) => `${name}:${request?.headers[name]}\n`);
  const canonical = [request?.method, request?.url, "", headers.join(""), signed, sha(request?.body ?? "")].join("\n");
  const time = String(request?.headers["x-amz-date"]);
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = scope.split("/").reduce<string | Buffer>((k, part) => mac(k, part), `AWS4${secret}`);
  return mac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha(canonical)}`).toString("hex");
}

describe("an answer", () => {
  test("of one series is its samples, each good for one step", async () => {
    const { read } = await prometheus([reply(fixture("query-range.json"))]);

    expect(await read()).toEqual({
      kind: "series",
      series: { validity: 5, samples: [20, 15, 10, 5, 0].map((ago) => [expect.closeTo(NOW - ago, 3), 120]) },
    });
  });

  test("without series is empty [F30]", async () => {
    const { read } = await prometheus([matrix([])]);

    expect(await read()).toEqual({ kind: "empty" });
  });

  test("with a hint of PromQL's is whole", async () => {
    const warnings = ['PromQL info: metric might not be a counter, name does not end in _total: "x" (1:6)'];
    const { read } = await prometheus([matrix([series(NOW)], { warnings })]);

    expect((await read()).kind).toBe("series");
  });

  test("per node is a series for each provider_id", async () => {
    const { read } = await prometheus([
      matrix([series(NOW, { provider_id: "aws:///a/i-1" }), series(NOW, { provider_id: "__proto__" })]),
    ]);

    const observation = await read(queue({ per: "node" }));

    const one = { samples: [[NOW, 1]], validity: 5 };
    expect(observation).toEqual({
      kind: "perNode",
      nodes: Object.fromEntries([
        ["aws:///a/i-1", one],
        ["__proto__", one],
      ]),
    });
  });

  test("per node without series reports no node", async () => {
    const { read } = await prometheus([matrix([])]);

    expect(await read(queue({ per: "node" }))).toEqual({ kind: "perNode", nodes: {} });
  });
});

describe("trying again", () => {
  test.each([
    ["a failed server", reply("", 503)],
    ["a broken connection", reset],
  ])("mends %s once [F29]", async (_, first) => {
    const { seen, read } = await prometheus([first, matrix([series(NOW)])]);

    expect((await read()).kind).toBe("series");
    expect(seen).toHaveLength(2);
  });

  test.each([
    ["more than once", reply("", 503), 2],
    ["when told to slow down", reply("", 429), 1],
    ["with a refused query", reply(fixture("query-bad.json"), 400), 1],
    ["with refused credentials", reply("", 401), 1],
    ["after a redirect", reply("", 307, { location: "/" }), 1],
  ])("does not happen %s [F29] [T9]", async (_, answer, requests) => {
    const { seen, read } = await prometheus([answer]);

    expect((await read()).kind).toBe("unknown");
    expect(seen).toHaveLength(requests);
  });
});

test("an endless answer is cut off [F47] [T10]", async () => {
  const closed = Promise.withResolvers<void>();
  const endless: Answer = (response) => {
    response.once("close", () => closed.resolve());
    const chunk = Buffer.alloc(256 * 1024, " ");
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", pour);
    pour();
  };
  const { read } = await prometheus([endless]);

  expect(await read()).toMatchObject({ why: "tooLarge" });
  await closed.promise;
});

test("a read whose deadline has passed asks nothing", async () => {
  const { seen, read } = await prometheus([hang]);

  expect(await read(queue(), AbortSignal.abort())).toMatchObject({ why: "timeout" });
  expect(seen).toEqual([]);
});

describe("a source that can never work is refused when it is made", () => {
  test.each([
    ["no URL", { url: "prometheus" }, /is not a URL/],
    ["a password in the URL", { url: "https://me:pw@prom.example.com" }, /at prom.example.com.*auth: basic/],
  ])("%s", (_, options, message) => {
    const create = () => createPrometheusSource({ secrets: SECRETS, ...options });

    expect(create).toThrow(SourceMisconfigured);
    expect(create).toThrow(message);
  });
});
