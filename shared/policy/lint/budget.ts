import { type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";

/** A budget can be kept: every price is known, and the smallest fleet fits. */
export function* budget({ budget, workloads }: Policy): Iterable<Finding> {
  if (budget === undefined) return;
  let floor = 0;
  for (const [name, { pools, nodes }] of Object.entries(workloads)) {
    for (const [i, pool] of pools.entries())
      if (pool.pricePerHour === undefined)
        yield warning(["workloads", name, "pools", i], {
          message: `pool \`${pool.name}\` has no price`,
          why: "whether the budget allows its nodes cannot be told, so it gets none: `PriceUnknown`",
          fix: "add `pricePerHour: …` (US dollars for one node)",
          involves: [["budget"]],
        });
    floor += nodes.min * Math.min(...pools.map((pool) => pool.pricePerHour ?? 0));
  }
  const limits = [
    ["perHour", budget.perHour, floor],
    ["perDay", budget.perDay, floor * 24],
  ] as const;
  for (const [key, limit, cost] of limits)
    if (limit !== undefined && cost > limit) {
      const at: Path = ["budget", key];
      yield warning(at, {
        message: `the smallest size of every workload already costs $${cost.toFixed(2)}`,
        why: "a budget stops growth and never shrinks, so nothing would ever grow",
        fix: `raise \`${key}\`, or lower \`nodes.min\``,
        involves: [["workloads"]],
      });
    }
}
