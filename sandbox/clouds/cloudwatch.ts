import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { awsJsonService, call } from "./aws-json.ts";
import { AwsFailure, type AwsService } from "./aws-wire.ts";

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

export type MetricStatus = "Complete" | "PartialData" | "InternalError" | "Forbidden";

/** CloudWatch metrics with the values that it is given. Mount `service` under `monitoring`. */
export interface CloudWatchEmulator {
  readonly service: AwsService;
  /** One measured value at a time, as PutMetricData would store it. */
  put(metric: MetricId, at: EpochSeconds, value: number): void;
  /** The `StatusCode` of this metric's results from now on. Anything but `Complete` comes with what CloudWatch would give. */
  setStatus(metric: MetricId, status: MetricStatus): void;
}

interface Metric {
  values: (readonly [at: EpochSeconds, value: number])[];
  status: MetricStatus;
}

const MINUTE: Seconds = 60;
const HOUR: Seconds = 3600;
const DAY: Seconds = 86_400;

/** Periods below a minute are for high-resolution metrics, and only these. */
const SHORT_PERIODS = new Set([1, 5, 10, 20, 30]);
/** How long CloudWatch keeps which resolution: the older the start, the coarser the period must be. */
const RETENTION: readonly (readonly [age: Seconds, resolution: Seconds])[] = [
  [63 * DAY, HOUR],
  [15 * DAY, 5 * MINUTE],
  [3 * HOUR, MINUTE],
];
const MAX_QUERIES = 500;
const MAX_DIMENSIONS = 30;

const query = z.strictObject({
  Id: z.string().regex(/^[a-z][a-zA-Z0-9_]*$/),
  MetricStat: z.strictObject({
    Metric: z.strictObject({
      Namespace: z.string().regex(/^[^:].{0,254}$/),
      MetricName: z.string().min(1).max(255),
      Dimensions: z
        .array(z.strictObject({ Name: z.string().min(1).max(255), Value: z.string().min(1).max(1024) }))
        .max(MAX_DIMENSIONS)
        .default([]),
    }),
    Period: z.int().positive(),
    Stat: z.string(),
  }),
});
const input = z.strictObject({
  MetricDataQueries: z.array(query).min(1).max(MAX_QUERIES),
  StartTime: z.number(),
  EndTime: z.number(),
  ScanBy: z.enum(["TimestampAscending", "TimestampDescending"]).default("TimestampDescending"),
});
type Input = z.output<typeof input>;
type Query = Input["MetricDataQueries"][number];

const refusal = (message: string) => new AwsFailure(400, "InvalidParameterValueException", message);

function refuseTimes({ StartTime, EndTime, MetricDataQueries }: Input, now: EpochSeconds): void {
  if (StartTime >= EndTime) throw refusal("The parameter StartTime must be less than the parameter EndTime.");
  const ids = MetricDataQueries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) throw refusal("The values for parameter id in MetricDataQueries are not unique.");
  const resolution = RETENTION.find(([age]) => now - StartTime > age)?.[1] ?? 1;
  for (const { MetricStat } of MetricDataQueries) {
    const { Period } = MetricStat;
    const known = Period % MINUTE === 0 || SHORT_PERIODS.has(Period);
    if (!known || Period % resolution !== 0) {
      throw refusal(
        `The parameter Period, ${Period}, must be 1, 5, 10, 20, 30 or a multiple of 60, and of ${resolution}.`,
      );
    }
  }
}

/** One statistic over one period's values, of which there is at least one. */
function statistic(stat: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (stat) {
    case "Average":
      return sum / values.length;
    case "Sum":
      return sum;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    case "SampleCount":
      return values.length;
    default: {
      const percent = Number(/^p(\d{1,2}(\.\d+)?)$/.exec(stat)?.[1] ?? Number.NaN);
      if (Number.isNaN(percent)) throw refusal(`The parameter Stat, ${stat}, is not a statistic.`);
      const sorted = values.toSorted((a, b) => a - b);
      return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
    }
  }
}

const keyOf = ({ namespace, name, dimensions = {} }: MetricId): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

/** One point for each period with values, stamped with the period's start. The period still running gives what it has so far. */
function pointsOf({ Period, Stat }: Query["MetricStat"], { values }: Metric, { StartTime, EndTime, ScanBy }: Input) {
  const from = Math.floor(StartTime / MINUTE) * MINUTE;
  const periods = new Map<EpochSeconds, number[]>();
  for (const [at, value] of values) {
    const start = Math.floor(at / Period) * Period;
    if (start >= Math.min(from, StartTime) && start < EndTime)
      periods.set(start, [...(periods.get(start) ?? []), value]);
  }
  const order = ScanBy === "TimestampAscending" ? 1 : -1;
  return [...periods].toSorted(([a], [b]) => order * (a - b)).map(([at, all]) => [at, statistic(Stat, all)] as const);
}

/** GetMetricData over one metric for each query, as CloudWatch answers it. `now` is CloudWatch's clock, of its `Date` header too. */
export function createCloudWatchEmulator(now: Clock): CloudWatchEmulator {
  const metrics = new Map<string, Metric>();
  const metric = (id: MetricId): Metric => {
    const key = keyOf(id);
    const known = metrics.get(key) ?? { values: [], status: "Complete" };
    metrics.set(key, known);
    return known;
  };

  function resultOf({ Id, MetricStat }: Query, asked: Input) {
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    const found = metric({ namespace: Namespace, name: MetricName, dimensions });
    const all =
      found.status === "Forbidden" || found.status === "InternalError" ? [] : pointsOf(MetricStat, found, asked);
    const points = found.status === "PartialData" ? all.slice(0, -1) : all;
    return {
      Id,
      Label: MetricName,
      StatusCode: found.status,
      Timestamps: points.map(([at]) => at),
      Values: points.map(([, value]) => value),
    };
  }

  const json = awsJsonService({
    target: "GraniteServiceVersion20100801",
    version: "1.0",
    calls: {
      GetMetricData: call(false, input, (asked) => {
        refuseTimes(asked, now());
        return { MetricDataResults: asked.MetricDataQueries.map((each) => resultOf(each, asked)), Messages: [] };
      }),
    },
  });

  const service: AwsService = {
    protocol: json.protocol,
    operation(request) {
      const operation = json.operation(request);
      const run = async () => {
        const reply = await operation.run();
        return { ...reply, headers: { ...reply.headers, date: new Date(now() * 1000).toUTCString() } };
      };
      return { ...operation, run };
    },
  };

  return {
    service,
    put: (id, at, value) => void metric(id).values.push([at, value]),
    setStatus(id, status) {
      metric(id).status = status;
    },
  };
}
