import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { SignalObservation } from "../model/signal.ts";
import { policy as policySchema } from "../policy/schema/policy.ts";
import { SourceMisconfigured } from "./errors.ts";
import { readSignals } from "./read-signals.ts";
import type { SignalRequest } from "./signal-source.ts";
import type { SignalSources } from "./sources.ts";

const NOW = 1_800_000_000;
const EMPTY: SignalObservation = { kind: "empty" };
const policy = policySchema.parse({
  version: 1,
  fleet: "test",
  sources: {
    prom: { prometheus: { url: "https://prom.example.com" } },
    google: { prometheus: { url: "https://g.example.com", auth: "google" } },
  },
  signals: {
    queue: { source: "prom", query: "queue", maxAge: "90s" },
    util: { source: "prom", query: "util", maxAge: "90s" },
    managed: { source: "google", query: "x", maxAge: "90s" },
    orphan: { source: "nowhere", query: "x", maxAge: "90s" },
    unused: { source: "prom", query: "unused", maxAge: "90s" },
  },
  workloads: {
    llm: {
      gpu: { model: "A100", perNode: 8 },
      nodes: { min: 0, max: 4 },
      pools: [{ name: "llm", capacity: "spot", eks: { region: "eu-central-1", cluster: "c", nodegroup: "n" } }],
      scaleUp: {
        any: [
          { signal: "queue", above: 50, for: "2m" },
          { signal: "util", above: 85, for: "5m" },
        ],
        add: 1,
      },
      scaleDown: {
        all: [
          { signal: "queue", below: 10, for: "15m" },
          { signal: "managed", below: 1 },
        ],
        remove: 1,
      },
      targets: [{ signal: "orphan", perNode: 10 }],
    },
  },
});

/** Sources that answer as told and keep what they were asked. */
function scripted(answer: (request: SignalRequest) => Promise<SignalObservation>) {
  const asked: SignalRequest[] = [];
  const sources: SignalSources = {
    open: async (declared) => {
      if ("prometheus" in declared && declared.prometheus.auth === "google")
        throw new SourceMisconfigured("not supported yet");
      return {
        fetch: (request) => {
          asked.push(request);
          return answer(request);
        },
      };
    },
  };
  const read = (workload = "llm", abort = new AbortController().signal) =>
    readSignals({ policy, workload, now: NOW, abort, sources });
  return { asked, read };
}

describe("reading a workload's signals", () => {
  test("asks once for each signal in use, over its longest window", async () => {
    const { asked, read } = scripted(async () => EMPTY);

    await read();

    expect(asked.map(({ name, window, now }) => [name, window, now])).toEqual([
      ["queue", 900, NOW],
      ["util", 300, NOW],
    ]);
  });

  test("asks for all at the same time", async () => {
    const both = Promise.withResolvers<SignalObservation>();
    const { asked, read } = scripted(() => {
      if (asked.length === 2) both.resolve(EMPTY);
      return both.promise;
    });

    expect(await read()).toMatchObject({ queue: EMPTY, util: EMPTY });
  });

  test("leaves what has no usable source unknown and reads the rest", async () => {
    const { read } = scripted(async () => EMPTY);

    expect(await read()).toEqual({
      queue: EMPTY,
      util: EMPTY,
      managed: { kind: "unknown", why: "misconfigured", detail: "not supported yet" },
      orphan: { kind: "unknown", why: "misconfigured", detail: "there is no source nowhere; declare it under sources" },
    });
  });

  test("is back at the deadline with what there is, even if a source does not heed it [F29] [T10]", async () => {
    const abort = new AbortController();
    const { read } = scripted(async ({ name }) => {
      if (name === "queue") return EMPTY;
      setImmediate(() => abort.abort());
      return new Promise(() => {});
    });

    expect(await read("llm", abort.signal)).toMatchObject({ queue: EMPTY, util: { kind: "unknown", why: "timeout" } });
  });

  test("outlives a source that breaks its word and throws, and does not repeat what it says [T25]", async () => {
    const { read } = scripted(async () => {
      throw new RangeError("Bearer canary");
    });

    const { queue } = await read();

    expect(queue).toMatchObject({ kind: "unknown", why: "serverError", detail: expect.stringContaining("RangeError") });
    expect(JSON.stringify(queue)).not.toContain("canary");
  });

  test("of an unknown workload reads nothing", async () => {
    expect(await scripted(async () => EMPTY).read("toString")).toEqual({});
  });
});

test("a policy with Prometheus alone never loads an AWS client", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { createSources } = await import("./shared/signals/sources.ts");
    await import("./shared/signals/read-signals.ts");
    await createSources({ secrets: {} }).open({ prometheus: { url: "https://prom.example.com" } });
    console.log(JSON.stringify(loaded));`;
  const root = new URL("../..", import.meta.url);

  const loaded: string[] = JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8" }),
  );

  expect(loaded.some((url) => url.endsWith("/prometheus.ts"))).toBe(true);
  expect(loaded.filter((url) => /@aws|@smithy|cloudwatch/.test(url))).toEqual([]);
});
