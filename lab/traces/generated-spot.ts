import type { Seconds } from "../../shared/policy/units.ts";
import { createRandom, logNormal, type Random } from "../world/random.ts";
import { PLENTY, type SpotTrace } from "./spot.ts";

/**
 * What spot capacity looks like, measured on a public trace of p3.2xlarge in nine AWS zones (SkyPilot, February 2023, 23 days,
 * looked at every 195 s): a zone has either nothing or plenty; it stays up for 0.7 to 8 h in the mean but for half of the time
 * no longer than 20 to 90 minutes; it is gone for half an hour or for days (80 h at most); and zones go together, with a mean
 * correlation of 0.22 between two.
 */
const HOUR: Seconds = 3600;

/** Spells of a zone: log-normal, so that a few long ones make up most of the time. Seconds. */
interface Spells {
  readonly mean: Seconds;
  readonly median: Seconds;
  readonly longest: Seconds;
}

/** The worst zone and the best; the others lie between, on a logarithmic scale. */
const UP: readonly [Spells, Spells] = [
  { mean: 0.62 * HOUR, median: 0.26 * HOUR, longest: 60 * HOUR },
  { mean: 26 * HOUR, median: 0.5 * HOUR, longest: 150 * HOUR },
];
const DOWN: readonly [Spells, Spells] = [
  { mean: 2.8 * HOUR, median: 0.5 * HOUR, longest: 72 * HOUR },
  { mean: 0.7 * HOUR, median: 0.35 * HOUR, longest: 72 * HOUR },
];

/** A shortage of the whole region takes most of its zones at about the same time. */
const SHORTAGE: Spells = { mean: 3.7 * HOUR, median: 1.6 * HOUR, longest: 12 * HOUR };
const BETWEEN_SHORTAGES: Seconds = 18 * HOUR;
const SHARE_HIT = 0.95;
/** How far behind the first a zone may follow. */
const LAG: Seconds = 600;

/** How often capacity is told, as the trace does in round numbers. */
const INTERVAL: Seconds = 300;

/** One time up in so many has only a few nodes to give. */
const SCARCE = { share: 0.04, most: 8 } as const;

/** A value so far from one to the other, in equal factors. */
const between = (low: number, high: number, at: number): number => low * (high / low) ** at;

const spellsAt = ([worst, best]: readonly [Spells, Spells], at: number): Spells => ({
  mean: between(worst.mean, best.mean, at),
  median: between(worst.median, best.median, at),
  longest: between(worst.longest, best.longest, at),
});

/** Length of one spell. The mean of a log-normal is its median times e^(sigma^2 / 2). */
const drawn = (random: Random, { mean, median, longest }: Spells): Seconds =>
  Math.min(longest, logNormal(random, median, Math.sqrt(2 * Math.log(mean / median))));

interface Span {
  readonly from: Seconds;
  readonly to: Seconds;
}

function shortages(random: Random, length: Seconds): readonly Span[] {
  const spans: Span[] = [];
  let at = -Math.log(1 - random.next()) * BETWEEN_SHORTAGES;
  while (at < length) {
    const to = at + drawn(random, SHORTAGE);
    spans.push({ from: at, to });
    at = to - Math.log(1 - random.next()) * BETWEEN_SHORTAGES;
  }
  return spans;
}

/** The shortages that reach a zone, each a little later. */
const reaching = (random: Random, all: readonly Span[]): readonly Span[] =>
  all.flatMap(({ from, to }) => {
    const [hit, lag] = [random.next() < SHARE_HIT, random.next() * LAG];
    return hit ? [{ from: from + lag, to: to + lag }] : [];
  });

/** A zone's own ups and downs, with its nodes while it is up. */
function ownSpells(random: Random, length: Seconds, at: number): readonly (Span & { readonly nodes: number })[] {
  const [up, down] = [spellsAt(UP, at), spellsAt(DOWN, at)];
  const spells: (Span & { nodes: number })[] = [];
  let isUp = random.next() < up.mean / (up.mean + down.mean);
  // The first spell is met somewhere in its course.
  let from = -random.next() * drawn(random, isUp ? up : down);
  while (from < length) {
    const to = from + drawn(random, isUp ? up : down);
    const scarce = random.next() < SCARCE.share;
    const some = 1 + Math.floor(random.next() * SCARCE.most);
    spells.push({ from, to, nodes: isUp ? (scarce ? some : PLENTY) : 0 });
    from = to;
    isUp = !isUp;
  }
  return spells;
}

function capacityOf(random: Random, times: readonly Seconds[], length: Seconds, at: number, all: readonly Span[]) {
  const spells = ownSpells(random, length, at);
  const hits = reaching(random, all);
  let [spell, hit] = [0, 0];
  return times.map((t) => {
    while ((spells[spell + 1]?.from ?? Number.POSITIVE_INFINITY) <= t) spell += 1;
    while ((hits[hit]?.to ?? Number.POSITIVE_INFINITY) <= t) hit += 1;
    return (hits[hit]?.from ?? Number.POSITIVE_INFINITY) <= t ? 0 : (spells[spell]?.nodes ?? 0);
  });
}

/** What spot capacity is to be made for. */
export interface SpotShape {
  readonly zones: readonly string[];
  readonly length: Seconds;
  readonly seed: number;
}

/** Zones from bad to good, evenly, in an order that the seed shuffles. */
function qualities(random: Random, zones: number): readonly number[] {
  return Array.from({ length: zones }, (_, i) => ({ at: (i + random.next()) / zones, order: random.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ at }) => at);
}

/** Spot capacity as the public trace has it, but made up: the same for the same seed. */
export function generateSpot({ zones, length, seed }: SpotShape): SpotTrace {
  const random = createRandom(seed * 7 + 5);
  const times = Array.from({ length: Math.max(2, Math.ceil(length / INTERVAL)) }, (_, i) => i * INTERVAL);
  const whole = times.length * INTERVAL;
  const all = shortages(random, whole);
  const quality = qualities(random, zones.length);
  const capacity = zones.map((zone, i) => [zone, capacityOf(random, times, whole, quality[i] ?? 0, all)] as const);
  return { times, length: whole, start: null, zones: Object.fromEntries(capacity) };
}
