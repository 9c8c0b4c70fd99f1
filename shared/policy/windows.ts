import { DEFAULT_STEP } from "./limits.ts";
import { own } from "./own.ts";
import type { Policy } from "./schema/policy.ts";
import type { Signal } from "./schema/signals.ts";
import type { Seconds } from "./units.ts";
import { usesIn } from "./uses.ts";

/**
 * For each signal a workload uses, the longest window any use of it looks back over: its longest `for`, and at least
 * `maxAge`, without which not even the newest sample would be seen. Empty for a workload the policy does not have.
 */
export function signalWindows(policy: Policy, workloadName: string): ReadonlyMap<string, Seconds> {
  const windows = new Map<string, Seconds>();
  const workload = own(policy.workloads, workloadName);
  if (workload === undefined) return windows;
  for (const { signal: name, condition } of usesIn(workloadName, workload)) {
    const signal = own(policy.signals, name);
    if (signal === undefined) continue;
    windows.set(name, Math.max(windows.get(name) ?? signal.maxAge, condition?.for ?? 0));
  }
  return windows;
}

/** The resolution a signal is fetched at. */
export function stepOf(signal: Signal): Seconds {
  return signal.step ?? signal.metric?.period ?? DEFAULT_STEP;
}
