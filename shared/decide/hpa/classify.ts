import type { EpochSeconds, Seconds } from "../../policy/units.ts";

/** What HPA looks at in a replica; for us, a node. */
export interface Replica {
  readonly phase: "running" | "pending" | "failed";
  readonly deleting: boolean;
  readonly startedAt: EpochSeconds | null;
  /** The readiness condition and since when it has been so; null where it has none. */
  readonly readiness: { readonly ready: boolean; readonly since: EpochSeconds } | null;
  /** The newest sample: when it was taken, and over how long. */
  readonly sample: { readonly at: EpochSeconds; readonly window: Seconds } | null;
}

/**
 * `counted`: its sample speaks. `unready`: not serving yet; idle when growing, left out when shrinking. `missing`: it
 * serves, but has no sample; idle when growing, busy when shrinking. `ignored`: on its way out.
 */
export type ReplicaClass = "counted" | "unready" | "missing" | "ignored";

/** How long the start of a process may distort a CPU sample. */
export interface Startup {
  /** `--horizontal-pod-autoscaler-cpu-initialization-period`. */
  readonly warmup: Seconds;
  /** `--horizontal-pod-autoscaler-initial-readiness-delay`. */
  readonly readinessDelay: Seconds;
}

/** The controller's flag defaults. */
export const DEFAULT_STARTUP: Startup = { warmup: 300, readinessDelay: 30 };

/** Whether a CPU sample is to be left out, because the replica is starting or never became ready. Equal times count as ready. */
function starting({ startedAt, readiness, sample }: Replica, startup: Startup, now: EpochSeconds): boolean {
  if (readiness === null || startedAt === null || sample === null) return true;
  if (startedAt + startup.warmup > now) return !readiness.ready || sample.at < readiness.since + sample.window;
  return !readiness.ready && startedAt + startup.readinessDelay > readiness.since;
}

/**
 * What a replica counts as, the first that applies. Only for CPU does readiness matter: pass its `startup`, and null for
 * every other metric. (HPA `groupPods`.)
 */
export function classify(replica: Replica, startup: Startup | null, now: EpochSeconds): ReplicaClass {
  if (replica.deleting || replica.phase === "failed") return "ignored";
  if (replica.phase === "pending") return "unready";
  if (replica.sample === null) return "missing";
  return startup !== null && starting(replica, startup, now) ? "unready" : "counted";
}
