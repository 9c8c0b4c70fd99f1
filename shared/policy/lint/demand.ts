import { type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";

/** Something asks for nodes, and something gives them back. */
export function* demand(policy: Policy): Iterable<Finding> {
  if (Object.keys(policy.workloads).length === 0)
    yield warning(["workloads"], { message: "the policy has no workloads", why: "there is nothing to scale" });

  for (const [name, workload] of Object.entries(policy.workloads)) {
    const at: Path = ["workloads", name];
    const { scaleUp, scaleDown, targets, objective, schedules } = workload;
    const steered = targets.length > 0 || objective !== undefined;
    if (scaleUp === undefined && scaleDown === undefined && !steered && schedules.length === 0)
      yield warning(at, {
        message: `nothing ever asks \`${name}\` for another size`,
        why: "it has no rules, targets, objective or schedules",
        fix: "add a `scaleUp` and a `scaleDown` rule, `targets`, an `objective` or `schedules`",
      });
    if (scaleUp !== undefined && scaleDown === undefined && !steered)
      yield warning([...at, "scaleUp"], {
        message: `\`${name}\` grows and never shrinks`,
        why: "it has a `scaleUp` rule, but no `scaleDown`, target or objective",
        fix: "add a `scaleDown` rule",
        involves: ["scaleDown", "targets", "objective"].map((key) => [...at, key]),
      });
    if (scaleDown !== undefined && scaleUp === undefined && !steered)
      yield warning([...at, "scaleDown"], {
        message: `\`${name}\` shrinks and never grows`,
        why: "it has a `scaleDown` rule, but no `scaleUp`, target or objective",
        fix: "add a `scaleUp` rule",
        involves: ["scaleUp", "targets", "objective"].map((key) => [...at, key]),
      });
    if (objective !== undefined && objective.arrivals === objective.backlog)
      yield warning([...at, "objective", "backlog"], {
        message: `\`arrivals\` and \`backlog\` are the same signal, \`${objective.backlog}\``,
        why: "one is a rate (requests per second), the other a number of requests waiting",
        fix: "give each its own signal",
        involves: [[...at, "objective", "arrivals"]],
      });
  }
}
