import type { Sample } from "../../shared/model/series.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** One value of one metric, as an exporter shows it. */
export interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface StoredSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

/** What was scraped. Keeps the last hours, as a Prometheus would. */
export interface MetricStore {
  record(metrics: readonly Metric[], at: EpochSeconds): void;
  series(name: string): readonly StoredSeries[];
}

/** Longer than any window of the sandbox's policies. */
const RETENTION: Seconds = 3 * 3600;

const keyOf = ({ name, labels }: Metric): string => JSON.stringify([name, Object.entries(labels).sort()]);

export function createMetricStore(): MetricStore {
  const stored = new Map<string, { readonly metric: Metric; samples: Sample[] }>();
  return {
    record(metrics, at) {
      for (const metric of metrics) {
        const key = keyOf(metric);
        const entry = stored.get(key) ?? { metric, samples: [] };
        entry.samples.push([at, metric.value]);
        if ((entry.samples[0]?.[0] ?? at) < at - RETENTION) entry.samples.shift();
        stored.set(key, entry);
      }
    },
    series: (name) =>
      [...stored.values()].flatMap(({ metric, samples }) =>
        metric.name === name ? [{ name, labels: metric.labels, samples }] : [],
      ),
  };
}

/** The metrics in Prometheus' text format, as `/metrics` shows them. */
export function exposition(metrics: readonly Metric[]): string {
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const lines = metrics.map(({ name, labels, value }) => {
    const pairs = Object.entries(labels).map(([k, v]) => `${k}="${escaped(v)}"`);
    return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
  });
  return `${lines.join("\n")}\n`;
}
