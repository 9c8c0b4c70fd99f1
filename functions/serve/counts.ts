import type { Telemetry } from "../../shared/telemetry/telemetry.ts";

/** A telemetry whose counts are kept, for whoever scrapes them. */
export interface Counting {
  readonly telemetry: Telemetry;
  /** Every count since the start, in Prometheus' text format: `vramp_wakes_sent_total{reason="tick"} 4`. */
  exposition(): string;
}

const snakeCase = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

/** Logs go where those of `logs` go. */
export function createCounting(logs: Omit<Telemetry, "count">): Counting {
  const counts = new Map<string, Map<string, number>>();
  return {
    telemetry: {
      info: (message, fields) => logs.info(message, fields),
      warn: (message, fields) => logs.warn(message, fields),
      error: (message, fields) => logs.error(message, fields),
      count(name, value, why) {
        const byLabels = counts.get(name) ?? new Map<string, number>();
        const labels = why === undefined ? "" : `{reason=${quoted(why)}}`;
        byLabels.set(labels, (byLabels.get(labels) ?? 0) + value);
        counts.set(name, byLabels);
      },
    },
    exposition() {
      const lines = [...counts].flatMap(([name, byLabels]) => {
        const metric = `vramp_${snakeCase(name)}_total`;
        return [`# TYPE ${metric} counter`, ...[...byLabels].map(([labels, value]) => `${metric}${labels} ${value}`)];
      });
      return lines.map((line) => `${line}\n`).join("");
    },
  };
}
