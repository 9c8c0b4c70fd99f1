import type { Binding } from "../../lab/backtest/binding.ts";
import type { RequestTrace } from "../../lab/traces/demand.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import { own } from "../../shared/policy/own.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Signal, Source } from "../../shared/policy/schema/signals.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../../shared/policy/units.ts";
import { rfc3339 } from "../../shared/reconcile/rfc3339.ts";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { createSources } from "../../shared/signals/sources.ts";
import { report, UserError } from "../output.ts";
import type { NamedDemand } from "./inputs.ts";

/** LIVE_DEADLINE: a week at a minute is ten thousand evaluations, which a loaded Prometheus may take a while for. Milliseconds. */
const LIVE_DEADLINE = 60_000;

/** MOST_POINTS: a little below the 11,000 that Prometheus gives for one series; longer times are read more coarsely. */
const MOST_POINTS = 10_500;

const MINUTE: Seconds = 60;

type PrometheusSource = Extract<Source, { readonly prometheus: unknown }>;

/** What demand is read from, and how. */
export interface LiveDemand {
  readonly since: Seconds;
  /** Instead of the signal's own source: without its credentials, which are not for anybody else. */
  readonly prometheus: string | null;
  readonly fillHoles: boolean;
  readonly secrets: Secrets;
  readonly now: EpochSeconds;
}

/** The signal that says how much comes in. Throws `UserError` when none of the workload's does. */
function arrivalsOf(policy: Policy, bindings: readonly Binding[]): readonly [string, Signal, number] {
  for (const { signal, source } of bindings) {
    const declared = own(policy.signals, signal);
    if (declared !== undefined && source.kind === "measure" && source.measure === "arrivals")
      return [signal, declared, source.factor];
  }
  throw new UserError(
    "--since reads demand from the signal that counts arrivals, and the workload uses none; give objective.arrivals in the policy, --bind SIGNAL=arrivals, or --demand FILE",
  );
}

/** The Prometheus to ask. Throws `UserError` for a signal that no Prometheus gives. */
function sourceOf(policy: Policy, name: string, signal: Signal, prometheus: string | null): PrometheusSource {
  if (signal.query === undefined)
    throw new UserError(
      `signal ${name} is a CloudWatch metric; --since reads Prometheus: export it as CSV for --demand`,
    );
  if (prometheus !== null) {
    const url = URL.parse(prometheus);
    if (url !== null && /^https?:$/.test(url.protocol)) return { prometheus: { url: prometheus } };
    throw new UserError(`--prometheus ${prometheus}: expected an http or https URL`);
  }
  const declared = own(policy.sources, signal.source);
  if (declared !== undefined && "prometheus" in declared) return declared;
  throw new UserError(`signal ${name}: its source ${signal.source} is no Prometheus; give --prometheus URL`);
}

/** Counts of intervals out of samples of a rate, on the grid that they were evaluated on. Throws `UserError` at a hole. */
function countsOf(
  name: string,
  observed: SignalObservation,
  step: Seconds,
  perSecond: number,
  fillHoles: boolean,
): RequestTrace {
  if (observed.kind === "unknown") throw new UserError(`signal ${name} could not be read: ${observed.detail}`);
  const samples = observed.kind === "series" ? observed.series.samples : [];
  const known = samples.filter(([, value]) => Number.isFinite(value));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first === last)
    throw new UserError(`signal ${name} has no samples in this time; look at its query, or at a longer --since`);
  const negative = known.find(([, value]) => value < 0);
  if (negative !== undefined)
    throw new UserError(`signal ${name} is ${negative[1]} at ${rfc3339(negative[0])}; arrivals cannot be negative`);
  const byTime = new Map(known.map(([at, value]) => [Math.round((at - first[0]) / step), value]));
  const length = Math.round((last[0] - first[0]) / step) + 1;
  const grid = Array.from({ length }, (_, i) => byTime.get(i));
  const missing = grid.filter((value) => value === undefined).length;
  if (missing > 0 && !fillHoles) {
    const at = rfc3339(first[0] + grid.indexOf(undefined) * step);
    throw new UserError(
      `signal ${name} has no sample for ${missing} of ${length} intervals of ${formatDuration(step)}, the first at ${at}; give --fill-holes to read them as without arrivals`,
    );
  }
  const filled =
    missing === 0 ? [] : [`${name}: ${missing} of ${length} intervals had no sample and were read as without arrivals`];
  return {
    kind: "requests",
    interval: step,
    counts: grid.map((value) => ((value ?? 0) / perSecond) * step),
    start: first[0],
    notes: filled,
  };
}

/** Reads demand from the policy's own arrivals signal: one request, its progress on stderr. Throws `UserError`. */
export async function liveDemand(
  policy: Policy,
  bindings: readonly Binding[],
  { since, prometheus, fillHoles, secrets, now }: LiveDemand,
): Promise<NamedDemand> {
  const [name, declared, perSecond] = arrivalsOf(policy, bindings);
  const step = Math.max(1, Math.ceil(since / MOST_POINTS / MINUTE)) * MINUTE;
  const source = sourceOf(policy, name, declared, prometheus);
  const { host } = new URL(source.prometheus.url);
  report(`reading ${formatDuration(since)} of ${name} from ${host}, every ${formatDuration(step)}`);
  const opened = await createSources({ secrets }).open(source);
  const request = { name, signal: { ...declared, step, maxAge: Math.max(declared.maxAge, step) }, window: since, now };
  const observed = await opened.fetch(request, AbortSignal.timeout(LIVE_DEADLINE));
  const trace = countsOf(name, observed, step, perSecond, fillHoles);
  report(`read ${trace.counts.length} intervals from ${rfc3339(trace.start ?? now)} on`);
  return { name: `${name}, the last ${formatDuration(since)}`, trace };
}
