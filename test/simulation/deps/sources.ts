import { CLOCK_SKEW } from "../../../shared/model/reading.ts";
import type { Sample } from "../../../shared/model/series.ts";
import { type SignalObservation, UNKNOWN, type UnknownWhy } from "../../../shared/model/signal.ts";
import type { SignalRequest } from "../../../shared/signals/signal-source.ts";
import type { SignalSources } from "../../../shared/signals/sources.ts";
import { Crash, type Invocation, type Wire } from "../invocation.ts";
import { SCRAPE, SIGNALS } from "../metrics.ts";
import type { World } from "../world.ts";
import type { Looks } from "./memory.ts";

const WIRE: Wire = {
  latency: [0.02, 0.8],
  patience: null,
  throttled: () => new Error("too many queries"),
  unavailable: (why) => new Error(why),
};

/** What DCGM exports when it has nothing to say, as near as a double comes to it. */
const BLANK = 2 ** 63;

const unknown = (why: UnknownWhy): SignalObservation => ({ kind: "unknown", why, detail: UNKNOWN[why] });

/** The metric source behind a wire, with gaps, NaN and yesterday's news, and a note of what it said. */
export function sourcesFor(invocation: Invocation, looks: Looks, world: World): SignalSources {
  const { swarm, scheduler, random } = world;

  /** The samples of a window as this answer has them. */
  function answered(samples: readonly Sample[], { now, window }: SignalRequest): readonly Sample[] {
    const until = scheduler.now - (swarm.strikes("oldMetric") ? random.between(30, 240) : 0);
    const within = samples.filter(([at]) => at >= now - window - SCRAPE && at <= until);
    if (swarm.strikes("partialMetric")) return within.filter(() => random.chance(0.5));
    if (!swarm.strikes("nanMetric")) return within;
    const broken = random.pick([Number.NaN, Number.POSITIVE_INFINITY, BLANK, -1e18]);
    return within.map(([at, value], i): Sample => [at, i === within.length - 1 || random.chance(0.2) ? broken : value]);
  }

  function answer(request: SignalRequest): SignalObservation {
    if (swarm.strikes("missingMetric")) return unknown(random.pick(["timeout", "serverError", "partial", "denied"]));
    if (Math.abs(invocation.clock() - scheduler.now) > CLOCK_SKEW) return unknown("clockSkew");
    const kind = SIGNALS.find((each) => request.name.endsWith(each)) ?? "Queue";
    const workload = request.name.slice(0, -kind.length);
    if (kind !== "Busy") {
      const samples = answered(world.metrics.series(workload, kind), request);
      return samples.length === 0 ? { kind: "empty" } : { kind: "series", series: { samples, validity: SCRAPE } };
    }
    const nodes = [...world.metrics.busy(workload)].flatMap(([node, samples]) => {
      const within = answered(samples, request);
      return within.length === 0 ? [] : [[node, { samples: within, validity: SCRAPE }] as const];
    });
    return { kind: "perNode", nodes: Object.fromEntries(nodes) };
  }

  return {
    open: async () => ({
      async fetch(request, abort) {
        try {
          const observation = await invocation.call(WIRE, () => answer(request), abort);
          for (const look of looks.values())
            if (request.name.startsWith(look.workload)) look.signals.set(request.name, observation);
          return observation;
        } catch (error) {
          if (error instanceof Crash) throw error;
          return unknown("unreachable");
        }
      },
    }),
  };
}
