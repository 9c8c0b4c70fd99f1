import { DOWN, table, UP } from "./lint.fixture.ts";

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
