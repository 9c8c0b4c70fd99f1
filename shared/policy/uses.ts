import type { Path } from "./finding.ts";
import type { Condition } from "./schema/common.ts";
import type { Policy } from "./schema/policy.ts";
import type { Rule, Workload } from "./schema/workload.ts";

export type Role =
  | "scaleUp"
  | "scaleDown"
  | "guard"
  | "wakeOn"
  | "target"
  | "objective"
  | "busy"
  | "allocatable"
  | "costPer";

/** One place where a workload names a signal. */
export interface SignalUse {
  readonly workload: string;
  readonly signal: string;
  readonly role: Role;
  /** Where the name stands. */
  readonly path: Path;
  /** The comparison, where there is one. */
  readonly condition: Condition | null;
}

type Use = Omit<SignalUse, "workload">;

const compared = (role: Role, condition: Condition, at: Path): Use => ({
  signal: condition.signal,
  role,
  path: [...at, "signal"],
  condition,
});
const named = (role: Role, signal: string | undefined, path: Path): Use[] =>
  signal === undefined ? [] : [{ signal, role, path, condition: null }];

const inRule = (role: Role, rule: Rule | undefined, at: Path): Use[] =>
  (rule?.conditions ?? []).map((c, i) => compared(role, c, [...at, role, rule?.match ?? "any", i]));

/** Every use of a signal in one workload, in the order of the schema. */
export function usesIn(name: string, workload: Workload): readonly SignalUse[] {
  const at: Path = ["workloads", name];
  const { objective } = workload;
  return [
    ...inRule("scaleUp", workload.scaleUp, at),
    ...inRule("scaleDown", workload.scaleDown, at),
    ...workload.targets.flatMap((t, i) => named("target", t.signal, [...at, "targets", i, "signal"])),
    ...named("objective", objective?.arrivals, [...at, "objective", "arrivals"]),
    ...named("objective", objective?.backlog, [...at, "objective", "backlog"]),
    ...named("objective", objective?.inService, [...at, "objective", "inService"]),
    ...workload.guards.map((g, i) => compared("guard", g.when, [...at, "guards", i, "when"])),
    ...workload.schedules.flatMap((s, i) =>
      (s.wakeOn ?? []).map((c, j) => compared("wakeOn", c, [...at, "schedules", i, "wakeOn", j])),
    ),
    ...named("busy", workload.scaleIn.busy, [...at, "scaleIn", "busy"]),
    ...named("allocatable", workload.gpu.allocatable, [...at, "gpu", "allocatable"]),
    ...named("costPer", workload.costPer?.ratePerHour, [...at, "costPer", "ratePerHour"]),
  ].map((use) => ({ workload: name, ...use }));
}

/** Every use of a signal in the fleet. */
export function signalUses(policy: Policy): readonly SignalUse[] {
  return Object.entries(policy.workloads).flatMap(([name, workload]) => usesIn(name, workload));
}
