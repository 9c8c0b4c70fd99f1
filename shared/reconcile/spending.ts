import type { Decided } from "../decide/decide.ts";
import { localDay } from "../decide/spending.ts";
import type { Spending } from "../model/memory.ts";
import type { Observation, OthersSpending } from "../model/observation.ts";
import { own } from "../policy/own.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { ReconcileDeps } from "./deps.ts";
import { SPENDING_COUNTS_FOR } from "./limits.ts";

/**
 * What the fleet's workloads but one cost, by what each noted last. Workloads that the policy no longer has do not count, nor
 * notes older than `SPENDING_COUNTS_FOR`; a note of an earlier day says what is paid by the hour, and nothing of today. A
 * workload without a note has not been looked at yet, and is taken to cost nothing.
 */
export function sumOfOthers(
  noted: Readonly<Record<string, Spending>>,
  policy: Policy,
  but: string,
  now: EpochSeconds,
): OthersSpending {
  const today = localDay(now, policy.timeZone);
  const counting = Object.keys(policy.workloads)
    .filter((name) => name !== but)
    .flatMap((name) => own(noted, name) ?? [])
    .filter(({ at }) => now - at <= SPENDING_COUNTS_FOR);
  return {
    perHour: counting.reduce((sum, { perHour }) => sum + perHour, 0),
    today: counting.reduce((sum, { day, spent }) => sum + (day === today ? spent : 0), 0),
  };
}

/** Reads what the fleet's other workloads cost; null, and no request, without a budget. Never throws: what fails is unknown. */
export async function readOthers(
  { memory }: Pick<ReconcileDeps, "memory">,
  policy: Policy,
  name: string,
  now: EpochSeconds,
): Promise<Observation["others"]> {
  if (policy.budget === undefined) return null;
  try {
    return sumOfOthers(await memory.spendingOf(policy.fleet), policy, name, now);
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Notes for the fleet's other workloads what this one costs; nothing without a budget or a price. Never throws: a note that is
 * lost leaves the one before in force for a minute, and must not keep a workload from its size.
 */
export async function noteOwnSpending(
  deps: Pick<ReconcileDeps, "memory" | "telemetry">,
  policy: Policy,
  { decision: { workload }, memory: { spending } }: Decided,
): Promise<void> {
  if (policy.budget === undefined || spending === null) return;
  try {
    await deps.memory.noteSpending(policy.fleet, workload, spending);
  } catch (error) {
    deps.telemetry.warn("spending not noted", {
      workload,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
