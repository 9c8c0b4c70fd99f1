import { error, type Finding, type Path, warning } from "../finding.ts";
import { own } from "../own.ts";
import type { Policy } from "../schema/policy.ts";
import type { Workload } from "../schema/workload.ts";
import { listed } from "../suggest.ts";
import { usesIn } from "../uses.ts";
import { hasFloor, takesToZero } from "./calendar.ts";

/** A workload that goes to zero can come back. */
export function* wakeUps(policy: Policy): Iterable<Finding> {
  for (const [name, workload] of Object.entries(policy.workloads)) {
    yield* wayBack(name, workload);
    yield* blindAtZero(name, workload, policy);
    yield* wakeOn(name, workload, policy);
  }
}

const asks = (workload: Workload) =>
  workload.scaleUp !== undefined || workload.targets.length > 0 || workload.objective !== undefined;

function* wayBack(name: string, workload: Workload): Iterable<Finding> {
  const { schedules, nodes } = workload;
  if (nodes.min > 0 || asks(workload)) return;
  const raises = schedules.some((s) => (s.wakeOn ?? []).length > 0 || hasFloor(s));
  if (raises) return;
  const at: Path = ["workloads", name];
  for (const [i, schedule] of schedules.entries())
    if (takesToZero(schedule))
      yield error([...at, "schedules", i, "nodes"], {
        message: `\`${schedule.name}\` takes the workload to zero, and nothing brings it back`,
        why: "after the window it keeps its size: `nodes.min` is 0 and nothing asks for nodes",
        fix: "raise `nodes.min`, add a window with `min`, a `wakeOn`, or a rule, target or objective",
        involves: ["scaleUp", "targets", "objective", "schedules"].map((key) => [...at, key]),
      });
}

/** Signals that only the workload's own nodes export say nothing while there are none. */
function* blindAtZero(name: string, workload: Workload, policy: Policy): Iterable<Finding> {
  const { schedules, nodes } = workload;
  if (nodes.min > 0 && !schedules.some(takesToZero)) return;
  const ups = usesIn(name, workload).filter(({ role }) => ["scaleUp", "target", "objective", "wakeOn"].includes(role));
  const absent = (signal: string) => own(policy.signals, signal)?.whenEmpty === "absent";
  const windowRaises = schedules.some(hasFloor);
  if (ups.length === 0 || windowRaises || nodes.min > 0 || !ups.every(({ signal }) => absent(signal))) return;
  const signals = [...new Set(ups.map(({ signal }) => signal))];
  yield warning(["workloads", name, "nodes", "min"], {
    message: "this workload can go to zero, and nothing can see that it is needed again",
    why: `${listed(signals)} ${signals.length === 1 ? "is" : "are"} \`whenEmpty: absent\`: not asked while there are no nodes`,
    fix: "ask for nodes by a signal that exists without them, such as the length of a queue, or set `nodes.min: 1`",
    involves: [["signals"], ["workloads", name]],
  });
}

function* wakeOn(name: string, workload: Workload, policy: Policy): Iterable<Finding> {
  for (const [i, schedule] of workload.schedules.entries()) {
    const at: Path = ["workloads", name, "schedules", i];
    const conditions = schedule.wakeOn ?? [];
    if (conditions.length > 0 && !takesToZero(schedule))
      yield warning([...at, "wakeOn"], {
        message: `\`wakeOn\` has no effect in \`${schedule.name}\``,
        why: "it ends a window at zero, and this one is not",
        fix: "remove it, or use `nodes: { exactly: 0 }`",
        involves: [[...at, "nodes"]],
      });
    for (const [j, { signal }] of conditions.entries())
      if (own(policy.signals, signal)?.whenEmpty === "absent")
        yield error([...at, "wakeOn", j, "signal"], {
          message: `\`${signal}\` cannot wake the workload`,
          why: "it is `whenEmpty: absent`: not asked while there are no nodes",
          fix: "use a signal that exists without nodes, such as the length of a queue",
          involves: [["signals", signal]],
        });
  }
}
