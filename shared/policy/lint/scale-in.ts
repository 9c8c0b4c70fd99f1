import { type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";
import type { Workload } from "../schema/workload.ts";

const lowers = ({ schedules }: Workload): boolean =>
  schedules.some(({ nodes }) => nodes.max !== undefined || nodes.exactly !== undefined);

/** A workload that shrinks can tell which of its nodes are idle, or need not. */
export function* scaleIn(policy: Policy): Iterable<Finding> {
  for (const [name, workload] of Object.entries(policy.workloads)) {
    const { scaleIn: rules, scaleUp, scaleDown, targets, objective } = workload;
    if (rules.interruptible || rules.busy !== undefined || objective !== undefined) continue;
    const at: Path = ["workloads", name];
    const byDemand = scaleDown !== undefined || targets.length > 0;
    if (!byDemand && !lowers(workload)) continue;
    const silent = !byDemand && scaleUp === undefined;
    yield warning([...at, "scaleIn"], {
      message: silent
        ? `\`${name}\` never shrinks by itself: it has no signals that could say when nothing runs`
        : `\`${name}\` shrinks only when its demand signals are all zero`,
      why: "it is not interruptible, and nothing tells which of its nodes work",
      fix: "name a `scaleIn.busy` signal, or set `scaleIn.interruptible: true`",
      involves: ["scaleUp", "scaleDown", "targets", "objective", "schedules"].map((key) => [...at, key]),
    });
  }
}
