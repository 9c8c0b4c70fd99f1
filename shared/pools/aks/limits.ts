import type { Seconds } from "../../policy/units.ts";

/** How long one call to Azure may take, how often it is tried, and when an operation counts as stuck. */
export interface AksLimits {
  readonly requestTimeout: Seconds;
  readonly attempts: number;
  /** The pause after the first try; doubled after each further one. */
  readonly backoff: Seconds;
  /** The longest `Retry-After` that is waited for. */
  readonly retryAfter: Seconds;
  readonly stuckAfter: Seconds;
}

export const LIMITS: AksLimits = {
  // Azure Resource Manager answers within a second or two. The SDK itself would wait for ever.
  requestTimeout: 5,
  // More belongs to the next run, a minute later, with fresh readings.
  attempts: 3,
  backoff: 0.3,
  // Resource Manager often asks for more. Nothing waits inside a function: the next run is the retry then.
  retryAfter: 1,
  // A pool that finds part of its capacity can stay Scaling for over an hour and refuse everything meanwhile
  // (Azure/AKS#1561). Twice the half hour that the slowest GPU images need.
  stuckAfter: 3600,
};

/** What AKS allows an agent pool. https://learn.microsoft.com/azure/aks/quotas-skus-regions */
export const NODES_PER_POOL = 1000;

/** A system pool keeps one node, or the cluster would have nowhere to run its own pods. */
export const SYSTEM_POOL_MIN = 1;

/** The most nodes that are read of one pool, a page of the list at a time. */
export const MACHINES_READ = 2 * NODES_PER_POOL;

/** The longest operation token, in characters; memory is not for blobs. A longer one is kept without the poller's state. */
export const TOKEN_LIMIT = 4000;
