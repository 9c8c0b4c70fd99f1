import type { Seconds } from "../../shared/policy/units.ts";
import type { DemandSample } from "./controller.ts";
import { ARRIVALS_OVER, SAMPLE_DELAY, SAMPLING, STEP } from "./options.ts";
import type { Random } from "./random.ts";
import type { Work } from "./work.ts";

/** What scrapes the metrics. */
export interface Sampler {
  /** Looks at the work as it stands at `now`; true when it is time to evaluate alerts. */
  readonly look: (now: Seconds) => boolean;
  /** The samples that have come in. */
  readonly seen: readonly DemandSample[];
  /** What a sample taken at `now` would say. */
  readonly live: (now: Seconds) => DemandSample;
}

/** Samples every 15 s, on the step that ends next; each is seen 15 s later, unless it gets lost. */
export function createSampler(work: Work, missing: number, random: Random): Sampler {
  const seen: DemandSample[] = [];
  const onTheWay: DemandSample[] = [];
  /** Arrivals in each step of the last minute. */
  const latest: number[] = [];
  let [due, lately] = [0, 0];

  const count = () => {
    latest.push(work.arrivedInStep());
    lately += latest.at(-1) ?? 0;
    if (latest.length > ARRIVALS_OVER / STEP) lately -= latest.shift() ?? 0;
  };

  const live = (now: Seconds): DemandSample => ({
    at: now,
    waiting: work.waiting(),
    inService: work.inService(now),
    arrivals: lately / ARRIVALS_OVER,
  });

  const take = (now: Seconds) => {
    due += SAMPLING;
    if (missing > 0 && random.next() < missing) return;
    onTheWay.push(live(now));
  };

  return {
    seen,
    live,
    look: (now) => {
      if (now > 0) count();
      const sampling = now >= due;
      if (sampling) take(now);
      for (let next = onTheWay[0]; next !== undefined && now - next.at >= SAMPLE_DELAY; next = onTheWay[0]) {
        seen.push(next);
        onTheWay.shift();
      }
      return sampling;
    },
  };
}
