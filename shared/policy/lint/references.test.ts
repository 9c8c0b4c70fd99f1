import { table, UP } from "./lint.fixture.ts";

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
