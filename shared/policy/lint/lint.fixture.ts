import { describe, expect, test } from "vitest";
import { loadPolicy, type PolicyIssue } from "../load.ts";

/** Valid, without a warning; each test changes one part of it. */
export const GOOD = `version: 1
fleet: test
timeZone: Europe/Berlin
budget: { perHour: 50 }
sources:
  prom: { prometheus: { url: "https://prom.example", auth: google } }
  aws: { cloudwatch: { region: eu-central-1 } }
signals:
  queue: { source: prom, query: "sum(q)", maxAge: 90s }
  vram: { source: prom, query: "min(v)", maxAge: 90s, unit: ratio }
  util: { source: prom, query: "avg(u)", maxAge: 90s, unit: percent, whenEmpty: absent }
  busy: { source: prom, query: "count by (provider_id) (b)", maxAge: 90s, per: node }
  sqs: { source: aws, metric: { namespace: AWS/SQS, name: Visible, statistic: Maximum, period: 60s }, maxAge: 3m }
workloads:
  llm:
    gpu: { model: A100-40GB, perNode: 1, memory: 40Gi, sharing: { mig: { 1g.5gb: 7 } } }
    nodes: { min: 1, max: 4 }
    pools:
      - { name: llm-spot, capacity: spot, pricePerHour: 1, eks: { region: eu-central-1, cluster: c, nodegroup: spot } }
      - { name: llm-od, capacity: on-demand, pricePerHour: 3, eks: { region: eu-central-1, cluster: c, nodegroup: od } }
    spot: { onDemandBase: 1, backoff: { initial: 5m, max: 30m } }
    scaleUp: { any: [{ signal: queue, above: 50, for: 2m }, { signal: util, above: 85, for: 5m }], add: 1 }
    scaleDown: { all: [{ signal: queue, below: 10, for: 15m }, { signal: util, below: 40, for: 15m }], remove: 1 }
    models: [{ name: small, memory: 4Gi }]
    guards:
      - { name: headroom, when: { signal: vram, below: 0.2, for: 5m }, blocks: [scaleDown] }
    schedules:
      - { name: day, start: "0 9 * * 1-5", end: "0 22 * * 1-5", nodes: { min: 2, max: 3 } }
      - { name: off-hours, start: "0 22 * * *", end: "0 9 * * 1-5", nodes: { exactly: 0 }, wakeOn: [{ signal: queue, above: 100, for: 2m }] }
    scaleIn: { busy: busy }
  rl:
    gpu: { model: T4, perNode: 1 }
    nodes: { min: 0, max: 4 }
    pools:
      - { name: rl-spot, capacity: spot, pricePerHour: 1, gke: { project: p, location: l, cluster: c, nodePool: rl } }
    targets: [{ signal: sqs, perNode: 5 }]
    scaleIn: { interruptible: true }
`;

/** What is wrong with a policy; what is to be warned of, where nothing is. */
export function issuesOf(text: string): readonly PolicyIssue[] {
  const result = loadPolicy(text, "policy.yaml");
  return result.ok ? result.warnings : result.issues;
}

/** One change (or several, alternating) and the issues it brings: where, and the beginning of what. */
export type Row = readonly [name: string, changes: readonly string[], issues: readonly string[]];

function check([, changes, expected]: Row): void {
  let text = GOOD;
  for (let i = 0; i + 1 < changes.length; i += 2) {
    const [from = "", to = ""] = changes.slice(i, i + 2);
    expect(text.split(from), `the good policy has ${from} once`).toHaveLength(2);
    text = text.replace(from, to);
  }
  const issues = issuesOf(text);
  const seen = issues.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  expect(seen).toEqual(expected.map((start, i) => (seen[i]?.startsWith(start) ? seen[i] : start)));

  // The place is the line that a reader would look at: the last key of the path stands in it, or its owner does.
  const lines = text.split("\n");
  for (const { path, line } of issues) {
    const keys = path.split(/[.[\]]+/).filter((part) => part !== "" && !/^\d+$/.test(part));
    expect(
      keys.slice(-2).some((key) => (lines[line - 1] ?? "").includes(key)),
      `${path} at line ${line}`,
    ).toBe(true);
  }
}

/** A test for each row, each beginning with the good policy. */
export const table = (name: string, rows: readonly Row[]) =>
  describe(name, () => test.each(rows)("%s", (...row) => check(row)));

/** Where the good policy has its rules. */
export const UP = "workloads.llm.scaleUp";
export const DOWN = "workloads.llm.scaleDown";
