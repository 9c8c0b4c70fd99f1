import { own } from "../../shared/policy/own.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Signal } from "../../shared/policy/schema/signals.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import { signalWindows } from "../../shared/policy/windows.ts";

/** What the lines of one workload are read by, worked out once. */
export interface Plan {
  readonly name: string;
  readonly workload: Workload;
  /** The signals that the workload uses. */
  readonly signals: readonly PlannedSignal[];
}

/** A signal, and how far back it is looked at. */
export interface PlannedSignal {
  readonly name: string;
  readonly signal: Signal;
  /** The longest window of any use, and one `maxAge` more, for the sample that speaks at the window's begin. */
  readonly reach: Seconds;
}

/** The names of one fleet, and a plan for each of its workloads. */
export interface Plans {
  readonly workloads: ReadonlyMap<string, Plan>;
  readonly signalNames: ReadonlySet<string>;
  readonly poolNames: ReadonlySet<string>;
}

function planOf(policy: Policy, name: string, workload: Workload): Plan {
  const signals = [...signalWindows(policy, name)].flatMap(([used, window]) => {
    const signal = own(policy.signals, used);
    return signal === undefined ? [] : [{ name: used, signal, reach: window + signal.maxAge }];
  });
  return { name, workload, signals };
}

export function plansOf(policy: Policy): Plans {
  const workloads = Object.entries(policy.workloads);
  return {
    workloads: new Map(workloads.map(([name, workload]) => [name, planOf(policy, name, workload)])),
    signalNames: new Set(Object.keys(policy.signals)),
    poolNames: new Set(workloads.flatMap(([, { pools }]) => pools.map((p) => p.name))),
  };
}
