import { DOWN, table, UP } from "./lint.fixture.ts";

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
