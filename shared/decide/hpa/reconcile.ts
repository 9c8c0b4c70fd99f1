import type { Recommendation } from "../../model/memory.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { Behavior } from "./behavior-defaults.ts";
import { DEFAULT_DOWN_WINDOW } from "./constants.ts";
import type { Deviations } from "./deviations.ts";
import { combine, type MetricProposal } from "./proposal.ts";
import { type Bounds, type Limited, type LimitReason, rateLimit } from "./rate-limit.ts";
import { remember, seedRecommendations } from "./recommendations.ts";
import { longestPeriod, recordChange, type ScaleLogs } from "./scale-events.ts";
import { shortcut } from "./shortcut.ts";
import { stabilize, type Windows, windowsOf } from "./stabilize.ts";
import {
  clampWithoutBehavior,
  DEFAULT_GROWTH_CAP,
  type GrowthCap,
  stabilizeWithoutBehavior,
} from "./without-behavior.ts";

/** What HPA keeps of one target between two syncs. A log of recommendations that never was is null. */
export interface SyncLogs extends ScaleLogs {
  readonly recommendations: readonly Recommendation[] | null;
}

/** Everything one sync looks at. `Failure` is what a failed metric's condition gives as its reason. */
export interface Sync<Failure extends string> {
  readonly current: number;
  readonly bounds: Bounds;
  /** Null: HPA's older path, which vramp never takes. */
  readonly behavior: Behavior | null;
  readonly proposals: readonly MetricProposal<Failure>[];
  readonly logs: SyncLogs;
  readonly now: EpochSeconds;
  readonly deviations: Deviations;
  /** For the older path only. */
  readonly growthCap?: GrowthCap;
}

/** The conditions that HPA would show, in its order. */
export type Condition<Failure> =
  | {
      readonly type: "AbleToScale";
      readonly status: true;
      readonly reason:
        | "SucceededGetScale"
        | "ReadyForNewScale"
        | "ScaleUpStabilized"
        | "ScaleDownStabilized"
        | "SucceededRescale";
    }
  | { readonly type: "ScalingActive"; readonly status: true; readonly reason: "ValidMetricFound" }
  | {
      readonly type: "ScalingActive";
      readonly status: false;
      readonly reason: "ScalingDisabled" | Failure | "NoMetrics";
    }
  | { readonly type: "ScalingLimited"; readonly status: boolean; readonly reason: LimitReason };

/** What one sync comes to. */
export interface Synced<Failure> {
  readonly nodes: number;
  /** The first metric that failed, whether it held the size or not; HPA returns it as an error. */
  readonly failure: Failure | null;
  readonly conditions: readonly Condition<Failure>[];
  /** The logs once the size is written. Where the write fails, only `recommendations` is to be kept. */
  readonly logs: SyncLogs;
}

interface Normalized {
  readonly stabilized: number;
  readonly limited: Limited;
  readonly ableToScale: "ReadyForNewScale" | "ScaleUpStabilized" | "ScaleDownStabilized";
}

const OLDER_PATH_WINDOWS: Windows = { up: DEFAULT_DOWN_WINDOW, down: DEFAULT_DOWN_WINDOW };

/**
 * One whole sync of a HorizontalPodAutoscaler, as data: seed, shortcuts, metrics, stabilization, rate limit and bounds, in
 * HPA's order. The stages of `decide` call the same functions one by one; this puts them together the way HPA does, for the
 * upstream vectors and for HPA as a peer.
 */
export function hpaSync<Failure extends string>(sync: Sync<Failure>): Synced<Failure> {
  const { current, bounds, behavior, now } = sync;
  const recommendations = seedRecommendations(sync.logs.recommendations, current, now);
  const logs = { ...sync.logs, recommendations };

  const early = shortcut(current, bounds);
  if (early?.kind === "paused") {
    const conditions = [GOT_SCALE, { type: "ScalingActive", status: false, reason: "ScalingDisabled" }] as const;
    return { nodes: current, failure: null, conditions, logs };
  }
  if (early?.kind === "outside") {
    return { nodes: early.nodes, failure: null, conditions: [RESCALED], logs: written(sync, logs, early.nodes) };
  }

  const windows = behavior === null ? OLDER_PATH_WINDOWS : windowsOf(behavior);
  const combined = combine(sync.proposals, current);
  if (combined.kind === "hold") {
    const reason = combined.failure ?? "NoMetrics";
    const held = { at: now, nodes: current };
    const kept = sync.deviations.rememberHolds ? remember(recommendations, held, windows) : recommendations;
    return {
      nodes: current,
      failure: combined.failure,
      conditions: [GOT_SCALE, { type: "ScalingActive", status: false, reason }],
      logs: { ...logs, recommendations: kept },
    };
  }

  const { stabilized, limited, ableToScale } = normalize(sync, recommendations, combined.nodes);
  const remembered = remember(recommendations, { at: now, nodes: combined.nodes }, windows);
  return {
    nodes: limited.nodes,
    failure: combined.failure,
    conditions: [
      limited.nodes === current ? { type: "AbleToScale", status: true, reason: ableToScale } : RESCALED,
      { type: "ScalingActive", status: true, reason: "ValidMetricFound" },
      { type: "ScalingLimited", status: limited.nodes !== stabilized, reason: limited.reason },
    ],
    logs: written(sync, { ...logs, recommendations: remembered }, limited.nodes),
  };
}

const GOT_SCALE = { type: "AbleToScale", status: true, reason: "SucceededGetScale" } as const;
const RESCALED = { type: "AbleToScale", status: true, reason: "SucceededRescale" } as const;

/** Stabilization, then rate limit and bounds, with `behavior` or without. */
function normalize<Failure extends string>(
  { current, bounds, behavior, logs, now, deviations, growthCap }: Sync<Failure>,
  recommendations: readonly Recommendation[],
  proposed: number,
): Normalized {
  if (behavior === null) {
    const stabilized = stabilizeWithoutBehavior(proposed, recommendations, now, DEFAULT_DOWN_WINDOW);
    const limited = clampWithoutBehavior(current, stabilized, bounds, growthCap ?? DEFAULT_GROWTH_CAP);
    return { stabilized, limited, ableToScale: stabilized === proposed ? "ReadyForNewScale" : "ScaleDownStabilized" };
  }
  const { nodes, bound } = stabilize(current, proposed, recommendations, now, windowsOf(behavior));
  const limited = rateLimit(current, nodes, bounds, behavior, logs, now, deviations);
  const held = bound === "up" ? "ScaleUpStabilized" : "ScaleDownStabilized";
  return { stabilized: nodes, limited, ableToScale: bound === null ? "ReadyForNewScale" : held };
}

/** The logs after the size was written. HPA notes an event only where there is a `behavior`. */
function written<Failure extends string>(
  { current, behavior, now }: Sync<Failure>,
  logs: SyncLogs,
  nodes: number,
): SyncLogs {
  if (behavior === null) return logs;
  const keep = longestPeriod(nodes > current ? behavior.scaleUp : behavior.scaleDown);
  return { ...logs, ...recordChange(logs, current, nodes, now, keep) };
}
