import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";

/** A workload's memory, and the version that a save must name. Version 0: nothing stored yet. */
export interface Remembered {
  readonly value: WorkloadMemory;
  readonly version: number;
}

/** The right to act on one key. `epoch` grows with every holder, so that a holder that slept too long can be told apart. */
export interface Lease {
  readonly key: string;
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAt: EpochSeconds;
}

/** Where vramp remembers. Everything is a single-item conditional write; reads are strongly consistent. */
export interface Memory {
  load(workload: string): Promise<Remembered>;
  /** Stores if the stored version is still `expected`, and returns the new version; else throws `VersionConflict`. */
  save(workload: string, value: WorkloadMemory, expected: number): Promise<number>;
  /** Takes the lease if it is free, expired, or ours already; null when someone else holds it. */
  acquire(key: string, holder: string, ttl: Seconds, now: EpochSeconds): Promise<Lease | null>;
  /** Gives the lease back if it is still ours; does nothing otherwise. */
  release(lease: Lease): Promise<void>;
  /** Appends to the workload's audit, chained to the event before it. */
  append(entry: AuditEntry): Promise<AuditEvent>;
  /** The workload's latest audit events, newest first. */
  history(workload: string, limit: number): Promise<readonly AuditEvent[]>;
  /** The reply that was stored under this request id, or null. */
  recall(requestId: string, now: EpochSeconds): Promise<unknown>;
  /** Stores a reply under a request id, so that a repeated request gives the same. The first one stored wins. */
  remember(requestId: string, reply: unknown, until: EpochSeconds): Promise<void>;
}
