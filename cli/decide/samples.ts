import type { Sample } from "../../shared/model/series.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { BadLine, shown } from "./bad-line.ts";

/*
 * Samples are checked by hand: they are nearly all of a line, and for six series of 120 a zod schema takes 185 µs where
 * this takes 2 µs and JSON.parse itself 130 µs. The rest of a line has a zod schema (`line.ts`).
 */

/** Whether a list is samples in order of time as it stands, so that it need not be built anew. */
function areSamples(list: readonly unknown[]): list is readonly Sample[] {
  let before = Number.NEGATIVE_INFINITY;
  for (const each of list) {
    if (!Array.isArray(each) || each.length !== 2) return false;
    const at: unknown = each[0];
    if (typeof at !== "number" || typeof each[1] !== "number" || !(at >= before) || at === Number.POSITIVE_INFINITY)
      return false;
    before = at;
  }
  return true;
}

function sampleOf(each: unknown, path: string): Sample {
  const [at, value]: unknown[] = Array.isArray(each) && each.length === 2 ? each : [];
  if (typeof at !== "number" || !Number.isFinite(at) || (typeof value !== "number" && value !== null)) {
    throw new BadLine(
      `${path}: expected [epochSeconds, value], with null for a value that is no number, and it is ${shown(each)}`,
    );
  }
  return [at, value ?? Number.NaN];
}

/** A list as samples; a value of null is NaN. Throws `BadLine` for what is no list of samples in order of time. */
export function samplesOf(list: readonly unknown[], path: string): readonly Sample[] {
  if (areSamples(list)) return list;
  const samples = list.map((each, i) => sampleOf(each, `${path}[${i}]`));
  const late = samples.findIndex(([at], i) => at < (samples[i - 1]?.[0] ?? at));
  if (late === -1) return samples;
  throw new BadLine(`${path}[${late}]: its time is before that of the sample in front of it; sort them by time`);
}

/** The samples from `since` on, or at least the newest: a series that is too old is stale, not empty. */
export function recent(samples: readonly Sample[], since: EpochSeconds): readonly Sample[] {
  const older = samples.findLastIndex((sample) => sample[0] < since);
  return older === -1 ? samples : samples.slice(Math.min(older + 1, samples.length - 1));
}
