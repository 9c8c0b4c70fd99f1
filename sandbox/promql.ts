import type { Sample } from "../shared/model/series.ts";
import type { EpochSeconds, Seconds } from "../shared/policy/units.ts";
import type { MetricStore, StoredSeries } from "./fleet/metrics.ts";

/** A query outside the little PromQL that the sandbox's Prometheus knows. */
export class UnknownQuery extends Error {
  override readonly name = "UnknownQuery";
}

export interface Range {
  readonly start: EpochSeconds;
  readonly end: EpochSeconds;
  readonly step: Seconds;
  readonly lookback: Seconds;
}

export interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SELECTOR = new RegExp(`^(${NAME})(?:\\{([^}]*)\\})?$`);
const AGGREGATION = /^(sum|avg|min|max|count)\s*\((.*)\)$/s;
const MATCHER = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"]*)"\s*$/;

const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((a, b) => a + b, 0),
  avg: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  count: (values) => values.length,
};

function select(text: string, store: MetricStore): readonly StoredSeries[] {
  const [, name, inner] = SELECTOR.exec(text.trim()) ?? [];
  if (name === undefined) {
    throw new UnknownQuery(`the sandbox knows a selector, or sum, avg, min, max or count of one, not: ${text}`);
  }
  const matchers = (inner ?? "").split(",").filter((part) => part.trim() !== "");
  const wanted = matchers.map((part) => {
    const [, label, value] = MATCHER.exec(part) ?? [];
    if (label === undefined) throw new UnknownQuery(`the sandbox knows matchers like workload="a", not: ${part}`);
    return [label, value] as const;
  });
  return store.series(name).filter(({ labels }) => wanted.every(([label, value]) => labels[label] === value));
}

/** The newest sample no older than the lookback, as an instant selector sees it. */
function valueAt({ samples }: StoredSeries, at: EpochSeconds, lookback: Seconds): number | null {
  const newest = samples.findLast(([t]) => t <= at);
  return newest === undefined || newest[0] <= at - lookback ? null : newest[1];
}

function steps({ start, end, step }: Range): readonly EpochSeconds[] {
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
}

/** Evaluates a query over a range, as `query_range` does. Throws `UnknownQuery`. */
export function evaluateRange(query: string, range: Range, store: MetricStore): readonly RangeSeries[] {
  const [, aggregation, inner] = AGGREGATION.exec(query.trim()) ?? [];
  const chosen = select(inner ?? query, store);
  const at = steps(range);
  const aggregate = aggregation === undefined ? undefined : AGGREGATES[aggregation];
  const points = (value: (t: EpochSeconds) => number | null): readonly Sample[] =>
    at.flatMap((t) => {
      const found = value(t);
      return found === null ? [] : [[t, found] as const];
    });
  const series: readonly RangeSeries[] =
    aggregate === undefined
      ? chosen.map((s) => ({
          metric: { __name__: s.name, ...s.labels },
          values: points((t) => valueAt(s, t, range.lookback)),
        }))
      : [{ metric: {}, values: points((t) => aggregated(chosen, aggregate, t, range.lookback)) }];
  return series.filter((s) => s.values.length > 0);
}

function aggregated(
  chosen: readonly StoredSeries[],
  aggregate: (values: readonly number[]) => number,
  at: EpochSeconds,
  lookback: Seconds,
): number | null {
  const values = chosen.flatMap((s) => valueAt(s, at, lookback) ?? []);
  return values.length === 0 ? null : aggregate(values);
}
