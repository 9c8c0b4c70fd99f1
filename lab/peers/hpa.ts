import { DEFAULT_BEHAVIOR } from "../../shared/decide/hpa/behavior-defaults.ts";
import { HPA_EXACT } from "../../shared/decide/hpa/deviations.ts";
import { toMilli } from "../../shared/decide/hpa/numbers.ts";
import { hpaSync, type SyncLogs } from "../../shared/decide/hpa/reconcile.ts";
import { toleranceOf } from "../../shared/decide/hpa/tolerance.ts";
import { totalPerNodeTarget } from "../../shared/decide/hpa/total-target.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import type { DemandSample } from "../world/controller.ts";

/** What KEDA hands to a HorizontalPodAutoscaler, and what it does itself. */
export interface KedaOptions {
  /** `AverageValue`: waiting and in flight, for each pod. */
  readonly perPod: number;
  readonly maxPods: number;
  readonly initialPods: number;
}

/** A HorizontalPodAutoscaler made by KEDA: how many pods there are to be. */
export interface Keda {
  readonly pods: (demand: DemandSample, now: Seconds, ready: number) => number;
}

/** `--horizontal-pod-autoscaler-sync-period`. */
const SYNC: Seconds = 15;
/** KEDA's `pollingInterval` and `cooldownPeriod`: from zero to one pod, and from one to zero. */
const POLLING: Seconds = 30;
const COOLDOWN: Seconds = 300;

const NO_LOGS: SyncLogs = { recommendations: null, scaleUps: [], scaleDowns: [] };

/** HPA with its defaults on waiting and in flight; KEDA wakes the first pod and puts the last one to sleep. */
export function createKeda({ perPod, maxPods, initialPods }: KedaOptions): Keda {
  let pods = initialPods;
  let logs = NO_LOGS;
  let [nextSync, nextPoll, activeAt] = [0, 0, 0];

  const poll = (load: number, now: Seconds) => {
    if (load > 0) activeAt = now;
    if (load > 0 && pods === 0) pods = 1;
    if (load === 0 && now - activeAt >= COOLDOWN) pods = 0;
  };
  const sync = (load: number, now: Seconds, ready: number) => {
    const counts = { current: pods, reported: pods, ready, upcoming: 0 };
    const weighing = { tolerance: toleranceOf(DEFAULT_BEHAVIOR), deviations: HPA_EXACT };
    const synced = hpaSync({
      current: pods,
      bounds: { min: 1, max: maxPods },
      behavior: DEFAULT_BEHAVIOR,
      proposals: [totalPerNodeTarget(toMilli(load), toMilli(perPod), counts, weighing)],
      logs,
      now,
      deviations: HPA_EXACT,
    });
    pods = synced.nodes;
    logs = synced.logs;
  };

  return {
    pods: ({ waiting, inService }, now, ready) => {
      const load = waiting + inService;
      if (now >= nextPoll) {
        nextPoll = now + POLLING;
        poll(load, now);
      }
      if (now >= nextSync) {
        // Syncs keep their own pace: one that comes late does not put off the next.
        while (nextSync <= now) nextSync += SYNC;
        if (pods > 0) sync(load, now, ready);
      }
      return pods;
    },
  };
}
