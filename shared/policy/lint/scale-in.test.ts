import { table } from "./lint.fixture.ts";

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
