import { describe, expect, test } from "vitest";
import { loadPolicy, type PolicyIssue } from "../load.ts";

/** Valid, without a warning; each test changes one part of it. */
const GOOD = `version: 1
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

function issuesOf(text: string): readonly PolicyIssue[] {
  const result = loadPolicy(text, "policy.yaml");
  return result.ok ? result.warnings : result.issues;
}

/** One change (or several, alternating) and the issues it brings: where, and the beginning of what. */
type Row = readonly [name: string, changes: readonly string[], issues: readonly string[]];

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

test("the good policy has no issue", () => {
  expect(issuesOf(GOOD)).toEqual([]);
});

const table = (name: string, rows: readonly Row[]) =>
  describe(name, () => test.each(rows)("%s", (...row) => check(row)));

const UP = "workloads.llm.scaleUp";
const DOWN = "workloads.llm.scaleDown";

table("names that are referred to", [
  [
    "a rule on a missing signal",
    ["signal: queue, above: 50", "signal: qeue, above: 50"],
    [`error ${UP}.any[0].signal: signal \`qeue\` does not exist`],
  ],
  [
    "a guard on a missing signal",
    ["when: { signal: vram", "when: { signal: vrm", "vram: {", "vramFree: {"],
    [
      "warning signals.vramFree: signal `vramFree` is used nowhere",
      "error workloads.llm.guards[0].when.signal: signal `vrm` does not exist",
    ],
  ],
  [
    "a target on a missing signal",
    ["signal: sqs, perNode", "signal: sqss, perNode"],
    ["warning signals.sqs: ", "error workloads.rl.targets[0].signal: signal `sqss`"],
  ],
  [
    "an objective on missing signals",
    ["targets: [{ signal: sqs, perNode: 5 }]", "objective: { arrivals: a, backlog: sqs, inService: c, maxWait: 60s }"],
    ["error workloads.rl.objective.arrivals: signal `a`", "error workloads.rl.objective.inService: signal `c`"],
  ],
  [
    "busy, wakeOn and costPer on missing signals",
    [
      "busy: busy",
      "busy: buzy",
      "wakeOn: [{ signal: queue",
      "wakeOn: [{ signal: queu",
      "models: [{",
      "costPer: { name: x, ratePerHour: rate }\n    models: [{",
    ],
    [
      "warning signals.busy: ",
      "error workloads.llm.costPer.ratePerHour: signal `rate`",
      "error workloads.llm.schedules[1].wakeOn[0].signal: signal `queu`",
      "error workloads.llm.scaleIn.busy: signal `buzy`",
    ],
  ],
  [
    "a name that every object inherits",
    ["signal: queue, above: 50", "signal: constructor, above: 50"],
    [`error ${UP}.any[0].signal: signal \`constructor\` does not exist`],
  ],
  [
    "a missing source",
    ["source: aws, metric", "source: awz, metric"],
    ["warning sources.aws: ", "error signals.sqs.source: source `awz` does not exist"],
  ],
  [
    "PromQL for CloudWatch",
    ['source: prom, query: "sum(q)"', 'source: aws, query: "sum(q)"'],
    ["error signals.queue.query: `query` is for Prometheus"],
  ],
  [
    "a metric for Prometheus",
    ["source: aws, metric", "source: prom, metric"],
    ["warning sources.aws: ", "error signals.sqs.metric: `metric` is for CloudWatch"],
  ],
  ["GPUs counted by a signal", ["gpu: { model: T4,", "gpu: { model: T4, allocatable: queue,"], []],
  [
    "GPUs counted by a missing signal",
    ["gpu: { model: T4,", "gpu: { model: T4, allocatable: gpus,"],
    ["error workloads.rl.gpu.allocatable: signal `gpus` does not exist"],
  ],
  [
    "GPUs counted node by node",
    ["gpu: { model: T4,", "gpu: { model: T4, allocatable: busy,"],
    ["error workloads.rl.gpu.allocatable: signal `busy` is one number for each node"],
  ],
  ["busy that is not per node", [", per: node", ""], ["error workloads.llm.scaleIn.busy: signal `busy` is one number"]],
  [
    "a rule on a per-node signal [F38]",
    ["signal: queue, above: 50", "signal: busy, above: 50"],
    [`error ${UP}.any[0].signal: signal \`busy\` is one number for each node`],
  ],
  [
    "an unused signal",
    ["signals:\n", 'signals:\n  spare: { source: prom, query: "s", maxAge: 90s }\n'],
    ["warning signals.spare: signal `spare` is used nowhere"],
  ],
  [
    "an unused source",
    ["sources:\n", "sources:\n  spare: { cloudwatch: { region: r } }\n"],
    ["warning sources.spare: source `spare`"],
  ],
]);

table("names given twice", [
  [
    "pools of one name",
    ["name: rl-spot", "name: llm-spot"],
    ["error workloads.rl.pools[0].name: two pools of the fleet are called `llm-spot`"],
  ],
  [
    "one node group listed twice",
    ["nodegroup: od", "nodegroup: spot"],
    ["error workloads.llm.pools[1].eks: this cloud pool is listed already"],
  ],
  [
    "one node group by two roles of an account",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a'",
      "nodegroup: od",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/b'",
    ],
    ["error workloads.llm.pools[1].eks: "],
  ],
  [
    "one node group name in two accounts",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a'",
      "nodegroup: od",
      "nodegroup: x, roleArn: 'arn:aws:iam::2:role/a'",
    ],
    [],
  ],
  [
    "an external id without a role",
    ["nodegroup: spot", "nodegroup: spot, externalId: fleet-1"],
    ["error workloads.llm.pools[0].eks.externalId: an external id without a role"],
  ],
  [
    "one role under two external ids",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a', externalId: one",
      "nodegroup: od",
      "nodegroup: y, roleArn: 'arn:aws:iam::1:role/a'",
    ],
    ["warning workloads.llm.pools[1].eks.roleArn: the same role is assumed elsewhere"],
  ],
  [
    "schedules of one name",
    ["name: off-hours", "name: day"],
    ["error workloads.llm.schedules[1].name: two of the `schedules` are called `day`"],
  ],
  [
    "one alert under two workloads is fine",
    ["models: [{", "alerts: [Same]\n    models: [{", "targets: [{", "alerts: [Same]\n    targets: [{"],
    [],
  ],
]);

table("metric sources", [
  [
    "credentials over http [T9]",
    ["https://prom.example", "http://prom.example"],
    ["error sources.prom.prometheus.url: credentials would be sent over plain http"],
  ],
  ["credentials over http on this machine", ["https://prom.example", "http://127.0.0.1:9090"], []],
  ["http without credentials", ['https://prom.example", auth: google', 'http://prom.example"'], []],
  [
    "a password in the URL [T25]",
    ["https://prom", "https://me:secret@prom"],
    ["error sources.prom.prometheus.url: the URL holds a user name or password"],
  ],
]);

table("times", [
  [
    "a `for` within maxAge",
    ["above: 50, for: 2m", "above: 50, for: 90s"],
    [`error ${UP}.any[0].for: \`for\` (1m30s) is not longer than`],
  ],
  ["no `for`", ["above: 50, for: 2m", "above: 50"], []],
  ["a `for` above 6h", ["below: 10, for: 15m", "below: 10, for: 7h"], [`error ${DOWN}.all[0].for: \`for\` is 7h`]],
  ["a `for` of 6h", ["below: 10, for: 15m", "below: 10, for: 6h"], []],
  [
    "more points than Prometheus gives",
    ["below: 10, for: 15m", "below: 10, for: 6h", '"sum(q)", maxAge: 90s', '"sum(q)", maxAge: 90s, step: 1s'],
    ["error signals.queue.step: 6h in steps of 1s are 21601 points"],
  ],
  [
    "a step of zero",
    ['"sum(q)", maxAge: 90s', '"sum(q)", maxAge: 90s, step: 0s'],
    ["error signals.queue.step: `step` is zero"],
  ],
  [
    "maxAge of one period [F45]",
    ["maxAge: 3m", "maxAge: 1m"],
    ["error signals.sqs.maxAge: `maxAge` (1m) is not longer than the metric's period"],
  ],
  [
    "maxAge below two periods [F45]",
    ["maxAge: 3m", "maxAge: 90s"],
    ["warning signals.sqs.maxAge: `maxAge` (1m30s) is less than two periods"],
  ],
  ["maxAge of two periods", ["maxAge: 3m", "maxAge: 2m"], []],
  [
    "a period that CloudWatch lacks",
    ["period: 60s", "period: 45s"],
    ["error signals.sqs.metric.period: CloudWatch has no period of 45s"],
  ],
]);

table("thresholds", [
  [
    "a percentage for a ratio [F39]",
    ["below: 0.2,", "below: 20,"],
    ["error workloads.llm.guards[0].when.below: `below: 20` lies outside"],
  ],
  [
    "a ratio for a percentage [F39]",
    ["signal: util, above: 85", "signal: util, above: 0.85", "signal: util, below: 40", "signal: util, below: 0.4"],
    [
      `warning ${UP}.any[1].above: \`above: 0.85\` is 0.85 percent`,
      `warning ${DOWN}.all[1].below: \`below: 0.4\` is 0.4 percent`,
    ],
  ],
  [
    "above the top of a ratio",
    ["below: 0.2,", "above: 1,"],
    ["error workloads.llm.guards[0].when.above: `above: 1` can never be true"],
  ],
  [
    "below nothing",
    ["signal: util, below: 40", "signal: util, below: -1"],
    [`error ${DOWN}.all[1].below: \`below: -1\` lies outside`],
  ],
  [
    "an average outside its unit",
    ["{ signal: sqs, perNode: 5 }", "{ signal: vram, average: 80 }, { signal: sqs, perNode: 5 }"],
    ["error workloads.rl.targets[0].average: `average: 80` lies outside"],
  ],
  [
    "both directions at once, surely",
    ["{ all: [{ signal: queue, below: 10", "{ any: [{ signal: queue, below: 60"],
    [`error ${DOWN}.any[0].below: with \`queue\` between 50 and 60, `],
  ],
  [
    "both directions at once, perhaps",
    ["signal: queue, below: 10", "signal: queue, below: 60"],
    [`warning ${DOWN}.all[0].below: with \`queue\` between 50 and 60, `],
  ],
  [
    "directions that meet",
    ["signal: queue, below: 10", "signal: queue, below: 50"],
    [`warning ${DOWN}.all[0].below: \`scaleUp\` and \`scaleDown\` meet at 50`],
  ],
  [
    "conditions that exclude one another",
    ["{ signal: util, below: 40, for: 15m }", "{ signal: vram, below: 0.1 }, { signal: vram, above: 0.5 }"],
    [`error ${DOWN}.all[2]: this condition and \`all[1]\` can never hold at once`],
  ],
]);

table("sizes", [
  [
    "min above max [F52]",
    ["{ min: 0, max: 4 }", "{ min: 5, max: 4 }"],
    ["error workloads.rl.nodes.min: `min` (5) is above `max` (4)"],
  ],
  ["max of zero", ["{ min: 0, max: 4 }", "{ min: 0, max: 0 }"], ["warning workloads.rl.nodes.max: `max` is 0"]],
  [
    "a backoff that shrinks",
    ["initial: 5m", "initial: 45m"],
    ["error workloads.llm.spot.backoff.initial: `initial` (45m) is longer than `max` (30m)"],
  ],
  [
    "onDemandBase above max",
    ["onDemandBase: 1", "onDemandBase: 5"],
    ["error workloads.llm.spot.onDemandBase: `onDemandBase` (5) is above `nodes.max` (4)"],
  ],
  ["a step above max", ["add: 1", "add: 5"], [`warning ${UP}.add: one step of 5 nodes`]],
  [
    "a window above max",
    ["{ min: 2, max: 3 }", "{ exactly: 5 }"],
    ["error workloads.llm.schedules[0].nodes.exactly: the window asks for 5 nodes"],
  ],
  [
    "a window's max above max",
    ["{ min: 2, max: 3 }", "{ min: 2, max: 9 }"],
    ["warning workloads.llm.schedules[0].nodes.max: the window's `max` (9)"],
  ],
  [
    "a window's min above its max",
    ["{ min: 2, max: 3 }", "{ min: 3, max: 2 }"],
    ["error workloads.llm.schedules[0].nodes.min: `min` (3) is above `max` (2)"],
  ],
]);

table("pools", [
  [
    "onDemandBase without an on-demand pool",
    ["capacity: on-demand", "capacity: spot"],
    ["error workloads.llm.spot.onDemandBase: 1 nodes shall be on-demand"],
  ],
  [
    "spot after on-demand",
    [
      "capacity: on-demand",
      "capacity: x",
      "name: llm-spot, capacity: spot",
      "name: llm-spot, capacity: on-demand",
      "capacity: x",
      "capacity: spot",
    ],
    ["warning workloads.llm.pools[1]: spot pool `llm-od` comes after"],
  ],
]);

table("the calendar", [
  [
    "a zone that is none [F57]",
    ["Europe/Berlin", "Mars/Olympus"],
    ["error timeZone: there is no time zone `Mars/Olympus`"],
  ],
  ["an offset for a zone", ["Europe/Berlin", '"+01:00"'], ["error timeZone: there is no time zone `+01:00`"]],
  [
    "a window's zone that is none [F57]",
    ["name: day,", "name: day, timeZone: Europe/Berln,"],
    ["error workloads.llm.schedules[0].timeZone: there is no time zone `Europe/Berln`"],
  ],
  [
    "an hour that does not exist",
    ['"0 9 * * 1-5", end: "0 22', '"0 25 * * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 25 * * 1-5` is not a cron expression"],
  ],
  [
    "a date that never comes [T15]",
    ['end: "0 9 * * 1-5"', 'end: "0 9 30 2 *"'],
    ["error workloads.llm.schedules[1].end: `0 9 30 2 *` never comes"],
  ],
  ["29 February", ['end: "0 9 * * 1-5"', 'end: "0 9 29 2 *"'], []],
  [
    "a date that comes once in a generation",
    ['end: "0 9 * * 1-5"', 'end: "0 9 * 2 1#5"'],
    ["error workloads.llm.schedules[1].end: `0 9 * 2 1#5` never comes"],
  ],
  [
    "a time in place of an hour",
    ['"0 9 * * 1-5", end: "0 22', '"0 9:00 * * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 9:00 * * 1-5` is not a cron expression"],
  ],
  [
    "a question mark",
    ['"0 9 * * 1-5", end: "0 22', '"0 9 ? * 1-5", end: "0 22'],
    ["error workloads.llm.schedules[0].start: `0 9 ? * 1-5` is not a cron expression"],
  ],
  [
    "a zero that never ends",
    ['end: "0 9 * * 1-5"', 'end: "0 22 * * 0"', ", wakeOn: [{ signal: queue, above: 100, for: 2m }]", ""],
    ["error workloads.llm.schedules[1].end: the window starts again in every moment it ends"],
  ],
  [
    "a floor that never ends",
    ['end: "0 22 * * 1-5"', 'end: "0 9 * * 1-5"'],
    ["warning workloads.llm.schedules[0].end: the window starts again"],
  ],
  [
    "a zero of a month",
    ['end: "0 9 * * 1-5"', 'end: "0 9 1 * *"', ", wakeOn: [{ signal: queue, above: 100, for: 2m }]", ""],
    ["warning workloads.llm.schedules[1].end: this window can keep the workload at zero for 30d"],
  ],
  ["a lead to a floor", ["nodes: { min: 2, max: 3 }", "nodes: { min: 2, max: 3 }, lead: 15m"], []],
  [
    "a lead to no floor",
    ["nodes: { min: 2, max: 3 }", "nodes: { max: 3 }, lead: 15m"],
    ["warning workloads.llm.schedules[0].lead: `lead` has no effect in `day`"],
  ],
  [
    "a lead to zero",
    ["nodes: { exactly: 0 }", "nodes: { exactly: 0 }, lead: 15m"],
    ["warning workloads.llm.schedules[1].lead: `lead` has no effect in `off-hours`"],
  ],
  [
    "holidays to skip, and none",
    ["name: day,", "name: day, skipHolidays: start,"],
    ["warning workloads.llm.schedules[0].skipHolidays: `skipHolidays` has no effect: the policy has no holidays"],
  ],
  [
    "holidays to skip, and an empty list",
    ["name: day,", "name: day, skipHolidays: start,", "sources:\n", "holidays: { dates: [] }\nsources:\n"],
    ["warning workloads.llm.schedules[0].skipHolidays: "],
  ],
  ...["{ dates: [2026-12-25] }", "{ ics: de.ics }", "{ ics: calendars/v1..2/de.ics }"].map(
    (holidays): Row => [
      `holidays to skip: ${holidays}`,
      ["name: day,", "name: day, skipHolidays: start,", "sources:\n", `holidays: ${holidays}\nsources:\n`],
      [],
    ],
  ),
  ...["/etc/de.ics", "../de.ics", "calendars/../../de.ics"].map(
    (ics): Row => [
      `a holiday file elsewhere: ${ics}`,
      ["sources:\n", `holidays: { ics: ${ics} }\nsources:\n`],
      [`error holidays.ics: \`${ics}\` does not lie beside the policy`],
    ],
  ),
]);

const REST = "schedules: [{ name: night, start: 0 22 * * *, end: 0 6 * * *, nodes: { exactly: 0 } }]";

table("the way back from zero", [
  [
    "nothing asks for nodes",
    ["targets: [{ signal: sqs, perNode: 5 }]", REST],
    [
      "warning signals.sqs: ",
      "error workloads.rl.schedules[0].nodes: `night` takes the workload to zero, and nothing brings it back",
    ],
  ],
  [
    "a minimum does",
    ["targets: [{ signal: sqs, perNode: 5 }]", REST, "{ min: 0, max: 4 }", "{ min: 1, max: 4 }"],
    ["warning signals.sqs: "],
  ],
  [
    "a target does",
    ["targets: [{ signal: sqs, perNode: 5 }]", `targets: [{ signal: sqs, perNode: 5 }]\n    ${REST}`],
    [],
  ],
  [
    "every signal is blind at zero [F42]",
    ["targets: [{ signal: sqs, perNode: 5 }]", "targets: [{ signal: util, average: 70 }]"],
    ["warning signals.sqs: ", "warning workloads.rl.nodes.min: this workload can go to zero, and nothing can see"],
  ],
  [
    "wakeOn a signal that is blind at zero [F42]",
    ["wakeOn: [{ signal: queue, above: 100", "wakeOn: [{ signal: util, above: 90"],
    ["error workloads.llm.schedules[1].wakeOn[0].signal: `util` cannot wake the workload"],
  ],
  [
    "wakeOn a window that is not at zero",
    ["nodes: { exactly: 0 }", "nodes: { exactly: 1 }"],
    ["warning workloads.llm.schedules[1].wakeOn: `wakeOn` has no effect in `off-hours`"],
  ],
]);

table("demand", [
  [
    "no workloads",
    [GOOD.slice(GOOD.indexOf("workloads:")), "workloads: {}\n"],
    [
      "warning signals.queue",
      "warning signals.vram",
      "warning signals.util",
      "warning signals.busy",
      "warning signals.sqs",
      "warning workloads: the policy has no workloads",
    ],
  ],
  [
    "nothing asks for another size",
    ["    targets: [{ signal: sqs, perNode: 5 }]\n", ""],
    ["warning signals.sqs: ", "warning workloads.rl: nothing ever asks `rl` for another size"],
  ],
  [
    "it grows and never shrinks",
    ["targets: [{ signal: sqs, perNode: 5 }]", "scaleUp: { any: [{ signal: sqs, above: 5 }], add: 1 }"],
    ["warning workloads.rl.scaleUp: `rl` grows and never shrinks"],
  ],
  [
    "it shrinks and never grows",
    ["targets: [{ signal: sqs, perNode: 5 }]", "scaleDown: { any: [{ signal: sqs, below: 5 }], remove: 1 }"],
    ["warning workloads.rl.scaleDown: `rl` shrinks and never grows"],
  ],
  [
    "a rate and a length that are one signal",
    ["targets: [{ signal: sqs, perNode: 5 }]", "objective: { arrivals: sqs, backlog: sqs, maxWait: 60s }"],
    ["warning workloads.rl.objective.backlog: `arrivals` and `backlog` are the same signal"],
  ],
]);

table("shrinking", [
  [
    "nothing tells which nodes work",
    ["    scaleIn: { interruptible: true }\n", ""],
    ["warning workloads.rl.scaleIn: `rl` shrinks only when its demand signals are all zero"],
  ],
  [
    "nothing tells which nodes work, of a workload under an objective",
    [
      "    targets: [{ signal: sqs, perNode: 5 }]\n    scaleIn: { interruptible: true }\n",
      "    objective: { arrivals: sqs, backlog: queue, maxWait: 60s }\n",
    ],
    [],
  ],
  [
    "a window lowers what no signal speaks of",
    [
      "    targets: [{ signal: sqs, perNode: 5 }]\n    scaleIn: { interruptible: true }\n",
      `    schedules:
      - { name: on, start: "0 9 * * *", end: "0 17 * * *", nodes: { min: 1 } }
      - { name: off, start: "0 17 * * *", end: "0 9 * * *", nodes: { exactly: 0 } }
`,
    ],
    ["warning signals.sqs: ", "warning workloads.rl.scaleIn: `rl` never shrinks by itself"],
  ],
  [
    "it never shrinks anyway",
    [
      "    targets: [{ signal: sqs, perNode: 5 }]\n    scaleIn: { interruptible: true }\n",
      "    scaleUp: { any: [{ signal: sqs, above: 5 }], add: 1 }\n",
    ],
    ["warning workloads.rl.scaleUp: `rl` grows and never shrinks"],
  ],
]);

table("GPUs", [
  ...["A2", "T4", "nvidia-tesla-v100", "P100", "NVIDIA A10G", "L4", "RTX 4090"].map(
    (model): Row => [
      `MIG on ${model}`,
      ["model: A100-40GB", `model: ${model}`],
      [`error workloads.llm.gpu.sharing.mig: the ${model} has no MIG`],
    ],
  ),
  ...["H100", "A30", "RTX PRO 6000"].map(
    (model): Row => [`MIG on ${model}`, ["model: A100-40GB", `model: ${model}`], []],
  ),
  [
    "more slices than a GPU has",
    ["1g.5gb: 7", "1g.5gb: 4, 4g.20gb: 1"],
    ["error workloads.llm.gpu.sharing.mig: these profiles take 8 slices"],
  ],
  [
    "models without the card's memory",
    ["memory: 40Gi, ", ""],
    ["error workloads.llm.models: there are models, but `gpu.memory` is not given"],
  ],
  [
    "a model larger than a card offers",
    ["small, memory: 4Gi", "large, memory: 33Gi"],
    ["warning workloads.llm.models[0].memory: `large` takes 33Gi, and one GPU offers 32Gi"],
  ],
]);

table("the budget", [
  [
    "a pool without a price [F60]",
    ["capacity: on-demand, pricePerHour: 3", "capacity: on-demand"],
    ["warning workloads.llm.pools[1]: pool `llm-od` has no price"],
  ],
  [
    "no budget, no prices",
    ["budget: { perHour: 50 }\n", "", "capacity: on-demand, pricePerHour: 3", "capacity: on-demand"],
    [],
  ],
  [
    "less than the smallest fleet costs",
    ["perHour: 50", "perHour: 50, perDay: 23"],
    ["warning budget.perDay: the smallest size of every workload already costs $24.00"],
  ],
]);
