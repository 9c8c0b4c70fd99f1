import { table } from "./lint.fixture.ts";

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
