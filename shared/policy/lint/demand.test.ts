import { GOOD, table } from "./lint.fixture.ts";

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
