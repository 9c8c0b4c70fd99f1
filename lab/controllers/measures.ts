import type { Series } from "../../shared/model/series.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { DemandSample, PoolSight } from "../world/controller.ts";
import { SAMPLE_DELAY } from "../world/options.ts";

/** What the simulated world measures, and what a policy's signal may be read from. */
export const MEASURES = {
  waiting: "requests (or jobs) in the line",
  arrivals: "requests (or jobs) a second, over the last minute",
  inFlight: "being served now",
  load: "waiting and in flight",
  utilisation: "share of the ready nodes' slots in use, 0 to 1",
  utilisationPercent: "the same, 0 to 100",
  gpus: "GPUs that the ready nodes offer to pods",
  busy: "1 for each node that works, 0 for one that is idle; for signals with `per: node`",
} as const;
export type Measure = keyof typeof MEASURES;

/** How one signal of the policy is read: a measure times a factor, always the same value, or not at all. */
export type Source =
  | { readonly kind: "measure"; readonly measure: Measure; readonly factor: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "unknown" };

/** The pools at the time of a sample: what the line's samples do not tell. */
interface PoolSample {
  readonly at: Seconds;
  readonly ready: number;
  readonly busy: readonly (readonly [id: string, busy: number])[];
}

/** What a node of the workload offers. */
export interface NodeSize {
  /** Requests that one has in service at once; 1 of jobs. */
  readonly slots: number;
  /** GPUs that one offers to pods. */
  readonly gpus: number;
}

/** Reads a policy's signals off the world. */
export interface Meter {
  /** Notes the pools as they are when the metrics are sampled. */
  readonly note: (now: Seconds, pools: readonly PoolSight[]) => void;
  /** One signal as its metric source would give it: samples from `since` on, each good for `validity`. */
  readonly read: (
    source: Source,
    samples: readonly DemandSample[],
    now: Seconds,
    since: Seconds,
    validity: Seconds,
  ) => SignalObservation;
}

const poolSample = (at: Seconds, pools: readonly PoolSight[]): PoolSample => {
  const ready = pools.flatMap((pool) => pool.nodes.filter((node) => node.phase === "ready"));
  return { at, ready: ready.length, busy: ready.map((node) => [node.id, node.busy ? 1 : 0] as const) };
};

const UNBOUND: SignalObservation = {
  kind: "unknown",
  why: "notSupplied",
  detail: "the backtest was told to leave it unknown",
};

const seriesOf = (samples: Series["samples"], validity: Seconds): SignalObservation =>
  samples.length === 0 ? { kind: "empty" } : { kind: "series", series: { samples, validity } };

/** `start`: what the world's time 0 is. `reach`: how far back any signal is looked at. */
export function createMeter(start: EpochSeconds, reach: Seconds, { slots, gpus }: NodeSize): Meter {
  let pools: PoolSample[] = [];

  const perNode = (seen: readonly PoolSample[], validity: Seconds): SignalObservation => {
    const nodes: Record<string, (readonly [number, number])[]> = {};
    for (const { at, busy } of seen)
      for (const [id, value] of busy) nodes[id] = [...(nodes[id] ?? []), [start + at, value]];
    const entries = Object.entries(nodes).map(([id, samples]) => [id, { samples, validity }] as const);
    return { kind: "perNode", nodes: Object.fromEntries(entries) };
  };

  /** What a measure says at the time of a sample; null where it says nothing. */
  const valueAt = (measure: Exclude<Measure, "busy">, sample: DemandSample, ready: number | null): number | null => {
    const used = ready === null || ready === 0 ? null : Math.min(1, sample.inService / (ready * slots));
    switch (measure) {
      case "waiting":
        return sample.waiting;
      case "arrivals":
        return sample.arrivals;
      case "inFlight":
        return sample.inService;
      case "load":
        return sample.waiting + sample.inService;
      case "utilisation":
        return used;
      case "utilisationPercent":
        return used === null ? null : used * 100;
      case "gpus":
        return ready === null ? null : ready * gpus;
      default:
        return measure satisfies never;
    }
  };

  return {
    note: (now, seen) => {
      pools.push(poolSample(now, seen));
      // Cut now and then rather than each time: that moves the whole list.
      if (pools.length > 64 && (pools[0]?.at ?? now) < now - 2 * reach - SAMPLE_DELAY)
        pools = pools.filter(({ at }) => at >= now - reach - SAMPLE_DELAY);
    },
    read: (source, samples, now, since, validity) => {
      if (source.kind === "unknown") return UNBOUND;
      const first = samples.findLastIndex((sample) => sample.at < since) + 1;
      const recent = samples.slice(first);
      if (source.kind === "constant")
        return seriesOf(
          recent.map(({ at }) => [start + at, source.value] as const),
          validity,
        );
      const { measure, factor } = source;
      if (measure === "busy")
        return perNode(
          pools.filter(({ at }) => at >= since && at <= now - SAMPLE_DELAY),
          validity,
        );
      const ready = new Map(pools.map((sample) => [sample.at, sample.ready]));
      const list = recent.flatMap((sample) => {
        const value = valueAt(measure, sample, ready.get(sample.at) ?? null);
        return value === null ? [] : [[start + sample.at, value * factor] as const];
      });
      return seriesOf(list, validity);
    },
  };
}
