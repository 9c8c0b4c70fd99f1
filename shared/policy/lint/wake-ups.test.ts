import { table } from "./lint.fixture.ts";

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
