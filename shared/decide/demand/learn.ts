import type { Learned, LearnedPool } from "../../model/learned.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { dearOf } from "../capacity/prices.ts";
import { probe } from "../capacity/probes.ts";
import { comingOf, firstOf } from "../capacity/survival.ts";
import { AT_FIRST as NO_CALLS } from "../capacity/thrift.ts";
import { trim } from "../trim.ts";
import { type Known, known, type Looked, lookAtBacklog, servingNow } from "./backlog.ts";
import { addForecast, addRates, type Forecast, forecastOf, judgeForecasts, usualAfter } from "./forecast.ts";
import { foresight } from "./idle.ts";
import { AT_FIRST, careOf } from "./lateness.ts";
import { canFollow, isSparse, isStale } from "./line.ts";
import { type Need, needOf } from "./need.ts";
import { lookAtPools } from "./pools.ts";
import { type Rest, restOf } from "./rest.ts";
import { serviceRate } from "./service-rate.ts";
import { afterPatience } from "./surplus.ts";

/** FIRST_BOOT: GPU nodes usually take about four minutes; the first that boot tell better. */
const FIRST_BOOT: Seconds = 240;
/** STILL_SERVES: a node under notice goes on serving for about that long. */
const STILL_SERVES: Seconds = 60;
/** SOON: a node that is late to be ready is taken to need that long still. */
const SOON: Seconds = 20;
const PROBES_AT_FIRST = 2;
/** LONGEST: a measurement speaks for no longer than this: after a gap nobody knows. */
const LONGEST: Seconds = 60;

/** What was learned, and what follows of it for now. */
export interface Lesson {
  readonly learned: Learned;
  readonly forecast: Forecast;
  /** Null while it is not known what comes in, or what a node serves. */
  readonly need: Need | null;
  readonly rate: number | null;
  readonly care: number;
  /** Since when nothing has arrived, waited or been served; null while something does, or nobody knows. */
  readonly idleSince: EpochSeconds | null;
  readonly rest: Rest;
}

const begin = (now: EpochSeconds, nodes: number): Learned => ({
  at: now,
  rates: [],
  forecasts: [],
  variance: 0,
  usual: null,
  backlog: null,
  busyAt: now,
  arrived: 0,
  watched: 0,
  care: AT_FIRST,
  served: 0,
  nodeSeconds: 0,
  inService: 0,
  boot: FIRST_BOOT,
  bootVariance: null,
  gaps: null,
  line: null,
  bursts: null,
  nodes,
  surplusSince: null,
  probes: PROBES_AT_FIRST,
  ...NO_CALLS,
  pools: {},
});

/** Whether this is the first look at this time: a second one is to change nothing. */
const isNews = ({ memory, now }: Looked): boolean => memory.learned === null || now > memory.learned.at;

/** Node seconds that what there is and what is on its way give within the time of a boot. */
function supplyOf(pools: readonly LearnedPool[], boot: Seconds, now: EpochSeconds): number {
  return pools.reduce((sum, pool) => {
    const serving = Math.max(0, Math.min(pool.ready - pool.noticed, pool.desired - pool.noticed));
    const booting = firstOf(pool.orders, Math.max(0, comingOf(pool) - serving));
    const soon = booting.reduce((s, o) => s + o.nodes * Math.max(0, boot - Math.max(SOON, o.at + boot - now)), 0);
    return sum + serving * boot + soon + pool.noticed * Math.min(boot, STILL_SERVES);
  }, 0);
}

/** What was learned, brought up to date with what is seen now. */
function upToDate(past: Learned, arrivals: Known | null, context: Looked, objective: Objective): Learned {
  const { now } = context;
  const rates = arrivals === null ? past.rates : addRates(past.rates, arrivals.series);
  const judged = { ...past, rates, ...judgeForecasts(past, rates, objective.maxWait, now) };
  const level = arrivals === null ? (rates.at(-1)?.rate ?? 0) : Math.max(0, arrivals.value);
  const looked = lookAtBacklog(judged, level, context, objective);
  const elapsed = Math.min(LONGEST, Math.max(0, now - past.at));
  const usual = arrivals === null ? past.usual : usualAfter(past.usual, level, elapsed);
  return { ...looked, ...lookAtPools(looked, context), usual };
}

/** What to expect: where one node would do, with as much of the bursts as has to be foreseen. */
function forecastFrom({ rates, variance, boot, usual }: Learned, sparse: boolean, maxWait: Seconds): Forecast {
  const forecast = forecastOf(rates, variance, { boot, maxWait, usual: canFollow(maxWait) ? usual : null });
  return sparse ? { ...forecast, spread: foresight(boot, maxWait) * forecast.spread } : forecast;
}

/** Since when there is no work; null while there is some. What is not known to be nothing keeps its nodes. */
function idleSinceOf(
  seen: Learned,
  arrivals: Known | null,
  context: Looked,
  objective: Objective,
): EpochSeconds | null {
  const nothing = arrivals?.value === 0 && known(context.reading(objective.backlog))?.value === 0;
  return nothing && seen.inService === 0 && servingNow(context, objective) === 0 ? seen.busyAt : null;
}

/**
 * Brings what was learned up to date and works out what it calls for now. Made once for each decision; made again at once
 * with what it returned, it returns the same.
 */
export function learn(context: Looked): Lesson | null {
  const { workload, memory, now, size } = context;
  const { objective } = workload;
  if (objective === undefined) return null;
  const { maxWait } = objective;
  const arrivals = known(context.reading(objective.arrivals));
  const seen = upToDate(memory.learned ?? begin(now, size.desired), arrivals, context, objective);
  const rate = serviceRate(objective, seen);
  const sparse = isSparse(seen, rate, maxWait);
  const forecast = forecastFrom(seen, sparse, maxWait);
  const care = careOf(seen);
  const idleSince = idleSinceOf(seen, arrivals, context, objective);
  const waiting = seen.backlog?.waiting ?? 0;
  const rest = restOf(seen, { pools: size.pools, now, maxWait, rate, care, waiting, idleSince });
  const need =
    arrivals === null || rate === null
      ? null
      : needOf({
          forecast,
          waiting,
          running: seen.inService,
          serving: size.pools.reduce((n, p) => n + p.ready - p.noticed, 0),
          supply: supplyOf(Object.values(seen.pools), seen.boot, now),
          rate,
          boot: seen.boot,
          maxWait,
          care,
          dear: dearOf(seen.pools, size.pools),
          sleeps: rest.sleeps,
          current: seen.nodes,
          line: sparse
            ? { stale: isStale(seen.line, maxWait, now), together: rest.together, second: rest.second }
            : null,
          most: Math.max(workload.nodes.max, size.desired),
        });
  const calledFor = need?.nodes ?? size.desired;
  const { nodes, surplusSince } =
    sparse && calledFor > 0 ? afterPatience(seen, calledFor, now) : { nodes: calledFor, surplusSince: null };
  // With no nodes wanted, nobody would be asked.
  const sent = isNews(context) && nodes > 0 ? probe(size.pools, seen, now) : seen;
  const learned: Learned = {
    ...seen,
    probes: trim(sent.probes),
    pools: sent.pools,
    at: now,
    forecasts: isNews(context) && arrivals !== null ? addForecast(seen.forecasts, forecast, now) : seen.forecasts,
    nodes,
    surplusSince,
  };
  return { learned, forecast, need, rate, care, idleSince, rest };
}
