import type { Observation, OthersSpending } from "../../shared/model/observation.ts";
import type { PoolObservation } from "../../shared/model/pool.ts";
import type { Series } from "../../shared/model/series.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import { own } from "../../shared/policy/own.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { didYouMean } from "../../shared/policy/suggest.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { BadLine, shown } from "./bad-line.ts";
import type { ObservationLine, PoolLine } from "./line.ts";
import type { Plan, PlannedSignal, Plans } from "./plan.ts";
import { recent, samplesOf } from "./samples.ts";

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const unsupplied = (detail: string): SignalObservation => ({ kind: "unknown", why: "notSupplied", detail });

/** A signal as a line gives it. Raw samples know no step: each speaks for as long as one may be old, the signal's `maxAge`. */
function signalOf(
  { signal, reach }: PlannedSignal,
  given: unknown,
  now: EpochSeconds,
  path: string,
): SignalObservation {
  const seriesOf = (list: readonly unknown[], at: string): Series => ({
    samples: recent(samplesOf(list, at), now - reach),
    validity: signal.maxAge,
  });
  if (given === undefined) return unsupplied("the line leaves it out");
  if (given === null) return unsupplied("the line says null");
  if (Array.isArray(given)) {
    if (given.length === 0) return { kind: "empty" };
    if (signal.per === "node")
      throw new BadLine(`${path}: the signal is \`per: node\`; give an object of series by node id`);
    return { kind: "series", series: seriesOf(given, path) };
  }
  if (isObject(given) && signal.per === "node") return { kind: "perNode", nodes: byNode(given, path, seriesOf) };
  const expected = signal.per === "node" ? "an object of series by node id" : "a list of [epochSeconds, value]";
  throw new BadLine(`${path}: expected ${expected}, or null for unknown, and it is ${shown(given)}`);
}

function byNode(given: object, path: string, seriesOf: (list: readonly unknown[], at: string) => Series) {
  const nodes = Object.entries(given).map(([node, list]: [string, unknown]) => {
    const at = `${path}.${node}`;
    if (Array.isArray(list)) return [node, seriesOf(list, at)] as const;
    throw new BadLine(`${at}: expected a list of [epochSeconds, value], and it is ${shown(list)}`);
  });
  return Object.fromEntries(nodes);
}

/** A pool as a line gives it; null is one that the outside could not read. */
function poolOf(given: PoolLine | null, name: string, workload: Workload): PoolObservation {
  if (given === null) return { kind: "unseen", error: { kind: "Unavailable", message: `pool ${name} was not read` } };
  const { desired, ready, min, status, capacityError, nodes } = given;
  return {
    kind: "seen",
    state: {
      desired,
      ready,
      // A notice to a node that is not ready takes nothing away.
      noticed: Math.min(given.noticed, ready),
      min,
      max: given.max ?? workload.nodes.max,
      status,
      issues: [],
      capacityError,
      nodes: nodes === null ? null : nodes.map(({ id, ready, noticed }) => ({ id, ready, noticed })),
      step: 1,
      etag: null,
    },
  };
}

/** Refuses a name that nothing in the policy has: as a typo it would leave the real one unknown without a word. */
function refuseUnknown(kind: "signal" | "pool", given: object, known: ReadonlySet<string>): void {
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue;
    const fix = didYouMean(name, [...known], `it has no ${kind}s`);
    throw new BadLine(`${kind}s.${name}: the policy has no such ${kind}; ${fix}`);
  }
}

/** The plan for the workload that a line names. Throws `BadLine`. */
export function planFor({ workload }: ObservationLine, { workloads }: Plans): Plan {
  const plan = workloads.get(workload);
  if (plan !== undefined) return plan;
  const fix = didYouMean(workload, [...workloads.keys()], "it has none");
  throw new BadLine(`workload: the policy has no ${shown(workload)}; ${fix}`);
}

/** What a line says of its workload. Signals and pools of other workloads are let through. Throws `BadLine`. */
export function observationOf(
  line: ObservationLine,
  { name, workload, signals }: Plan,
  plans: Plans,
  others: OthersSpending | null,
): Observation {
  refuseUnknown("signal", line.signals, plans.signalNames);
  refuseUnknown("pool", line.pools, plans.poolNames);
  const seen = workload.pools.map(({ name: pool }) => {
    const given = own(line.pools, pool);
    if (given !== undefined) return [pool, poolOf(given, pool, workload)] as const;
    throw new BadLine(`pools.${pool}: missing; give every pool of ${name}, or null for one that could not be read`);
  });
  const read = signals.map((planned) => {
    const { name: signal } = planned;
    return [signal, signalOf(planned, own(line.signals, signal), line.now, `signals.${signal}`)] as const;
  });
  return {
    workload: name,
    trigger: line.trigger.kind,
    signals: Object.fromEntries(read),
    pools: Object.fromEntries(seen),
    others,
  };
}
