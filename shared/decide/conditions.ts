import type { ConditionFinding, Verdict } from "../model/decision.ts";
import type { Reading } from "../model/reading.ts";
import { coverage, type Series } from "../model/series.ts";
import type { Condition } from "../policy/schema/common.ts";
import { type EpochSeconds, formatDuration } from "../policy/units.ts";

/** Share of a window that samples must cover before a condition can be said to have held for all of it. */
export const MIN_COVERAGE = 0.8;

const satisfies = (condition: Condition, value: number): boolean =>
  condition.comparison === "above" ? value > condition.threshold : value < condition.threshold;

/** A number as a person would write it: at most four significant digits after the integer part. */
export function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** A condition as a person would say it: `queue above 50 for 2m`. */
export function describeCondition(condition: Pick<Condition, "signal" | "comparison" | "threshold" | "for">): string {
  const { signal, comparison, threshold } = condition;
  const lasting = condition.for > 0 ? ` for ${formatDuration(condition.for)}` : "";
  return `${signal} ${comparison} ${formatValue(threshold)}${lasting}`;
}

/** The time of the earliest sample since when every finite one satisfies the condition; null if the newest does not. */
function satisfiedSince(condition: Condition, series: Series): EpochSeconds | null {
  let since: EpochSeconds | null = null;
  for (let i = series.samples.length - 1; i >= 0; i -= 1) {
    const sample = series.samples[i];
    if (sample === undefined || !Number.isFinite(sample[1])) continue;
    if (!satisfies(condition, sample[1])) break;
    since = sample[0];
  }
  return since;
}

/** Whether a finite sample within `[from, now]` breaks the condition. */
function brokenWithin(condition: Condition, series: Series, from: EpochSeconds): boolean {
  for (let i = series.samples.length - 1; i >= 0; i -= 1) {
    const sample = series.samples[i];
    if (sample === undefined) continue;
    if (sample[0] < from) return false;
    if (Number.isFinite(sample[1]) && !satisfies(condition, sample[1])) return true;
  }
  return false;
}

/**
 * Judges one condition. It is true when the newest sample satisfies it, every sample of the last `for` does, and samples
 * cover at least 80 % of that window; pending when only the window is too short yet; unknown when the reading is, or when
 * the window has too few samples. An empty pool's absent signal is not asked.
 */
export function judge(condition: Condition, reading: Reading, now: EpochSeconds): ConditionFinding {
  const { signal, comparison, threshold } = condition;
  const base = { signal, comparison, threshold, for: condition.for };
  const text = describeCondition(condition);
  if (reading.kind !== "known") {
    const why = reading.kind === "unknown" ? reading.why : null;
    const detail =
      reading.kind === "unknown" ? `${text}: unknown, ${reading.detail}` : `${text}: not asked, the pools are empty`;
    return { ...base, verdict: reading.kind, value: null, age: null, coverage: null, since: null, why, detail };
  }
  const { value, age, series } = reading;
  const from = now - condition.for;
  const covered = condition.for > 0 ? coverage(series, from, now) : 1;
  const since = satisfies(condition, value) ? satisfiedSince(condition, series) : null;
  const known = { ...base, value, age, coverage: covered, since };
  const is = `${signal} is ${formatValue(value)}`;
  const give = (verdict: Verdict, detail: string, why: "lowCoverage" | null = null): ConditionFinding => ({
    ...known,
    verdict,
    why,
    detail,
  });
  if (!satisfies(condition, value)) return give("false", `${text}: no, ${is}`);
  if (brokenWithin(condition, series, from)) {
    return give("pending", `${text}: not yet, ${is} and has been for ${formatDuration(now - (since ?? now))}`);
  }
  if (covered < MIN_COVERAGE) {
    const percent = Math.floor(covered * 100);
    return give("unknown", `${text}: unknown, samples cover ${percent} % of the window (80 % needed)`, "lowCoverage");
  }
  return give("true", `${text}: yes, ${is}${since === null ? "" : ` and has been for ${formatDuration(now - since)}`}`);
}
