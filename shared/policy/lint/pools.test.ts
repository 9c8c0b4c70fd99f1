import { table } from "./lint.fixture.ts";

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
