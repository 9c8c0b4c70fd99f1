import { expect, test } from "vitest";
import { loadPolicy } from "./load.ts";
import type { Policy } from "./schema/policy.ts";
import { signalWindows, stepOf } from "./windows.ts";

function load(): Policy {
  const names = ["up", "down", "guard", "wake", "target", "arrivals", "backlog", "busy", "rate", "unused"];
  const signals = names.map((n) => `  ${n}: { source: p, query: q, maxAge: 90s${n === "busy" ? ", per: node" : ""} }`);
  const text = `version: 1
fleet: f
sources: { p: { prometheus: { url: "https://p" } } }
signals:
${signals.join("\n")}
workloads:
  w:
    gpu: { model: T4, perNode: 1 }
    nodes: { min: 0, max: 3 }
    pools: [{ name: a, capacity: spot, gke: { project: p, location: l, cluster: c, nodePool: a } }]
    scaleUp: { any: [{ signal: up, above: 9, for: 2m }, { signal: up, above: 8, for: 5m }], add: 1 }
    scaleDown: { all: [{ signal: down, below: 1, for: 20m }, { signal: up, below: 1, for: 3m }], remove: 1 }
    guards: [{ name: g, when: { signal: guard, below: 1 }, blocks: [packing] }]
    schedules:
      - { name: s, start: 0 22 * * *, end: 0 6 * * *, nodes: { exactly: 0 }, wakeOn: [{ signal: wake, above: 1, for: 4m }] }
    targets: [{ signal: target, perNode: 5 }]
    objective: { arrivals: arrivals, backlog: backlog, maxWait: 60s }
    scaleIn: { busy: busy }
    costPer: { name: job, ratePerHour: rate }
`;
  const result = loadPolicy(text, "policy.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.policy;
}

test("each signal is read over the longest `for` that uses it, and at least over maxAge", () => {
  expect(Object.fromEntries(signalWindows(load(), "w"))).toEqual({
    up: 300,
    down: 1200,
    guard: 90,
    wake: 240,
    target: 90,
    arrivals: 90,
    backlog: 90,
    busy: 90,
    rate: 90,
  });
});

test.each(["other", "constructor"])("a workload that does not exist (%s) reads nothing", (name) => {
  expect(signalWindows(load(), name).size).toBe(0);
});

test("the resolution is the signal's own, its metric's period, or 15 s", () => {
  const base = { source: "p", maxAge: 90, whenEmpty: "unknown" } as const;
  const metric = { namespace: "n", name: "m", dimensions: {}, statistic: "Sum", period: 60 };
  expect(stepOf({ ...base, query: "q" })).toBe(15);
  expect(stepOf({ ...base, query: "q", step: 30 })).toBe(30);
  expect(stepOf({ ...base, metric })).toBe(60);
});
