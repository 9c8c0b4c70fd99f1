import { error, type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";
import type { Schedule } from "../schema/schedules.ts";
import type { Workload } from "../schema/workload.ts";
import { formatDuration } from "../units.ts";

/** Numbers of nodes, and the few other pairs that must be in order, are in order. */
export function* sizes(policy: Policy): Iterable<Finding> {
  for (const [name, workload] of Object.entries(policy.workloads)) {
    const at: Path = ["workloads", name];
    const { nodes, spot, scaleUp, scaleDown } = workload;
    const max = [...at, "nodes", "max"];
    if (nodes.min > nodes.max)
      yield error([...at, "nodes", "min"], {
        message: `\`min\` (${nodes.min}) is above \`max\` (${nodes.max})`,
        fix: "swap them, or raise `max`",
        involves: [max],
      });
    if (nodes.max === 0)
      yield warning(max, {
        message: "`max` is 0",
        why: "this workload would never have a node",
        fix: "to rest it for a while, pause it: `vramp pause`",
      });
    if (spot.backoff.initial > spot.backoff.max)
      yield error([...at, "spot", "backoff", "initial"], {
        message: `\`initial\` (${formatDuration(spot.backoff.initial)}) is longer than \`max\` (${formatDuration(spot.backoff.max)})`,
        fix: "swap them, or raise `max` (30m when absent)",
        involves: [[...at, "spot", "backoff", "max"]],
      });
    if (spot.onDemandBase > nodes.max)
      yield error([...at, "spot", "onDemandBase"], {
        message: `\`onDemandBase\` (${spot.onDemandBase}) is above \`nodes.max\` (${nodes.max})`,
        why: "the workload can never have that many nodes",
        fix: `use at most ${nodes.max}`,
        involves: [max],
      });
    for (const [direction, step] of [
      ["scaleUp.add", scaleUp?.nodes],
      ["scaleDown.remove", scaleDown?.nodes],
    ] as const)
      if (step !== undefined && step > nodes.max && nodes.max > 0)
        yield warning([...at, ...direction.split(".")], {
          message: `one step of ${step} nodes is more than \`nodes.max\` (${nodes.max})`,
          fix: "use a smaller step",
          involves: [max],
        });
    for (const [i, schedule] of workload.schedules.entries())
      yield* inWindow(schedule, [...at, "schedules", i], workload, max);
  }
}

function* inWindow({ nodes: window }: Schedule, at: Path, { nodes }: Workload, max: Path): Iterable<Finding> {
  for (const key of ["min", "exactly"] as const) {
    const size = window[key];
    if (size !== undefined && size > nodes.max)
      yield error([...at, "nodes", key], {
        message: `the window asks for ${size} nodes, above \`nodes.max\` (${nodes.max})`,
        why: "`nodes.max` always holds, so the window could not be kept",
        fix: `raise \`nodes.max\`, or ask for at most ${nodes.max}`,
        involves: [max],
      });
  }
  if (window.max !== undefined && window.max > nodes.max)
    yield warning([...at, "nodes", "max"], {
      message: `the window's \`max\` (${window.max}) is above \`nodes.max\` (${nodes.max})`,
      why: "`nodes.max` always holds, so the window changes nothing",
      fix: "raise `nodes.max`, or lower this one",
      involves: [max],
    });
  if (window.min !== undefined && window.max !== undefined && window.min > window.max)
    yield error([...at, "nodes", "min"], {
      message: `\`min\` (${window.min}) is above \`max\` (${window.max})`,
      fix: "swap them",
      involves: [[...at, "nodes", "max"]],
    });
}
