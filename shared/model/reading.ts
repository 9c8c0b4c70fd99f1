import { MAX_FOR } from "../policy/limits.ts";
import type { Signal } from "../policy/schema/signals.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../policy/units.ts";
import type { Sample, Series } from "./series.ts";
import { type SignalObservation, UNKNOWN, type UnknownWhy } from "./signal.ts";

/** CLOCK_SKEW: two clocks kept by NTP never differ by so much; one that does cannot say what is fresh. */
export const CLOCK_SKEW: Seconds = 60;

/** What a signal says now. `absent`: nothing to ask, the workload has no nodes and the policy says what that means. */
export type Reading = Known | Unknown | { readonly kind: "absent" };

interface Known {
  readonly kind: "known";
  /** The newest measurement, finite and within its unit. */
  readonly value: number;
  readonly at: EpochSeconds;
  /** Never negative, at most the signal's `maxAge`. */
  readonly age: Seconds;
  /** Measurements only: what was no number, a blank or outside its unit is left out and covers nothing. */
  readonly series: Series;
}

interface Unknown {
  readonly kind: "unknown";
  readonly why: UnknownWhy;
  readonly detail: string;
}

/** No metric of a node, a queue or a card comes near it, and DCGM's 64-bit blanks (0x7ffffffffffffff0 and up) are far above. */
const LARGEST_MEASUREMENT = 1e15;

/**
 * What DCGM exports when a field has no value (`DCGM_INT32_BLANK` and `DCGM_FP64_BLANK` in dcgm_structs.h), and how many
 * values from there on are blanks too: "not found", "not supported" and "not permitted" stand just above.
 */
const INT32_BLANK = 0x7ffffff0;
const FP64_BLANK = 2 ** 47;
const BLANKS = 16;

const UNIT_RANGE = { ratio: [0, 1], percent: [0, 100] } as const;
/** What adding and dividing floating-point shares may exceed their range by. */
const UNIT_EPSILON = 1e-9;

const unknown = (why: UnknownWhy, detail: string = UNKNOWN[why]): Unknown => ({ kind: "unknown", why, detail });

function isBlank(value: number): boolean {
  if (value < INT32_BLANK) return value < -LARGEST_MEASUREMENT;
  if (value < INT32_BLANK + BLANKS || value > LARGEST_MEASUREMENT) return true;
  return value >= FP64_BLANK && value < FP64_BLANK + BLANKS;
}

function fitsUnit(unit: Signal["unit"], value: number): boolean {
  if (unit === undefined) return true;
  const [low, high] = UNIT_RANGE[unit];
  return value >= low - UNIT_EPSILON && value <= high + UNIT_EPSILON;
}

/** Whether a value is a measurement of this signal. Called for every sample of every decision, so it makes nothing. */
const isMeasurement = (signal: Signal, value: number): boolean =>
  Number.isFinite(value) && !isBlank(value) && fitsUnit(signal.unit, value);

/** The measurements among samples; the same list when all are, which is nearly always. */
function measurements(signal: Signal, samples: readonly Sample[]): readonly Sample[] {
  // By index rather than by destructuring: this loop runs over every sample of every decision.
  for (const sample of samples) {
    if (!isMeasurement(signal, sample[1])) return samples.filter((each) => isMeasurement(signal, each[1]));
  }
  return samples;
}

/** Why a value is no measurement of this signal; null if it is one. */
function fault(signal: Signal, value: number): Unknown | null {
  if (!Number.isFinite(value)) return unknown("notANumber", `the newest sample is ${value}`);
  if (isBlank(value)) return unknown("sentinel", `the newest sample, ${value}, is an exporter's blank value`);
  if (signal.unit === undefined || fitsUnit(signal.unit, value)) return null;
  const [low, high] = UNIT_RANGE[signal.unit];
  return unknown(
    "outOfRange",
    `the newest sample, ${value}, is outside ${low} to ${high}: correct the query or \`unit\``,
  );
}

/** A zero that covers every window there may be: an empty pool's signal is no younger than any `for`. */
const zeroSince = (now: EpochSeconds): Series => ({
  samples: [
    [now - MAX_FOR, 0],
    [now, 0],
  ],
  validity: MAX_FOR,
});

/** What no series means where `whenEmpty` may speak. */
function nothing(signal: Signal, now: EpochSeconds, otherwise: Unknown): Reading {
  switch (signal.whenEmpty) {
    case "absent":
      return { kind: "absent" };
    case "zero":
      return { kind: "known", value: 0, at: now, age: 0, series: zeroSince(now) };
    case "unknown":
      return otherwise;
    default:
      return signal.whenEmpty satisfies never;
  }
}

/** The sample with the latest time; of several, the one listed last. */
function newestOf(samples: readonly Sample[]): Sample | undefined {
  let newest: Sample | undefined;
  for (const sample of samples) if (newest === undefined || sample[0] >= newest[0]) newest = sample;
  return newest;
}

/** One series' reading. The time is judged before the value: a sample that does not speak for now has nothing to say. */
function seriesReading(signal: Signal, series: Series, now: EpochSeconds): Reading {
  const newest = newestOf(series.samples);
  if (newest === undefined) return unknown("empty");
  const [at, value] = newest;
  if (at > now + CLOCK_SKEW) {
    return unknown("clockSkew", `the newest sample is ${formatDuration(at - now)} ahead of our clock`);
  }
  const age = Math.max(0, now - at);
  // Written so that an age that is no number fails.
  if (!(age <= signal.maxAge)) {
    const allowed = formatDuration(signal.maxAge);
    return unknown("stale", `the newest sample is ${formatDuration(age)} old, more than maxAge ${allowed}`);
  }
  const wrong = fault(signal, value);
  if (wrong !== null) return wrong;
  const samples = measurements(signal, series.samples);
  return { kind: "known", value, at, age, series: { samples, validity: series.validity } };
}

/** Whether the source answered that there is nothing, or nothing any more. */
const isGone = (reading: Reading): reading is Unknown =>
  reading.kind === "unknown" && (reading.why === "empty" || reading.why === "stale");

function bare(signal: Signal, observation: SignalObservation, now: EpochSeconds): Reading {
  switch (observation.kind) {
    case "unknown":
      return observation;
    case "empty":
      return unknown("empty");
    case "series":
      return seriesReading(signal, observation.series, now);
    case "perNode":
      return Object.keys(observation.nodes).length === 0
        ? unknown("empty")
        : unknown("severalSeries", "the signal is read per node and has no single value; aggregate its query");
    default:
      return observation satisfies never;
  }
}

/**
 * What an observation of a signal says at `now`. Pure and total: never throws, and a known value is always finite.
 *
 * `whenEmpty` speaks only while `poolEmpty` (the workload has no nodes): there, no series, or one whose last sample is
 * older than `maxAge` because its nodes are gone, is `absent`, a known zero or unknown, as the policy says. While there
 * are nodes, the same silence is a fault and unknown, whatever `whenEmpty` says: a dead exporter must not look like an
 * idle pool. A failure of the source (a timeout, a refusal) is unknown either way.
 */
export function readingOf(
  signal: Signal,
  observation: SignalObservation,
  now: EpochSeconds,
  poolEmpty: boolean,
): Reading {
  const reading = bare(signal, observation, now);
  return poolEmpty && isGone(reading) ? nothing(signal, now, reading) : reading;
}

/**
 * What a `per: node` observation says of one node. Queries such as `count by (provider_id) (running > 0)` give idle nodes
 * no series, so here `whenEmpty` speaks for every node without a fresh series, whether or not the pool is empty: `zero`
 * says that a node which is not reported is not busy, and a source that reports no node says that nothing is busy. A
 * policy that would rather keep a node it knows nothing of says `unknown`, the default.
 */
export function nodeReadingOf(
  signal: Signal,
  observation: SignalObservation,
  node: string,
  now: EpochSeconds,
): Reading {
  if (observation.kind === "unknown") return observation;
  if (observation.kind === "series") return unknown("noNodeLabel");
  const series =
    observation.kind === "perNode" && Object.hasOwn(observation.nodes, node) ? observation.nodes[node] : undefined;
  const reading =
    series === undefined ? unknown("empty", `no series for node ${node}`) : seriesReading(signal, series, now);
  return isGone(reading) ? nothing(signal, now, reading) : reading;
}
