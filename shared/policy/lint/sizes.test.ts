import { table, UP } from "./lint.fixture.ts";

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
