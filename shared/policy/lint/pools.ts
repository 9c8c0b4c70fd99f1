import { error, type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";

/** The pools of a workload can deliver what the rest of it promises. */
export function* pools(policy: Policy): Iterable<Finding> {
  for (const [name, { pools, spot }] of Object.entries(policy.workloads)) {
    const at: Path = ["workloads", name];
    const involves = [[...at, "pools"]];
    if (spot.onDemandBase > 0 && !pools.some((pool) => pool.capacity === "on-demand"))
      yield error([...at, "spot", "onDemandBase"], {
        message: `${spot.onDemandBase} nodes shall be on-demand, but no pool is`,
        why: "a pool's capacity type is fixed in the cloud: a spot pool cannot give on-demand nodes",
        fix: "add a pool with `capacity: on-demand`, or remove `onDemandBase`",
        involves,
      });
    const onDemand = pools.findIndex((pool) => pool.capacity === "on-demand");
    const spotAfter = pools.findIndex((pool, i) => pool.capacity === "spot" && onDemand !== -1 && i > onDemand);
    if (spotAfter !== -1)
      yield warning([...at, "pools", spotAfter], {
        message: `spot pool \`${pools[spotAfter]?.name}\` comes after an on-demand pool`,
        why: "pools are listed in order of preference, so it is only used when on-demand fails",
        fix: "list spot pools first",
        involves,
      });
  }
}
