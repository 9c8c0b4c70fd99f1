import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import type { Spending, WorkloadMemory } from "../model/memory.ts";
import type { Outbox } from "../model/outbox.ts";
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

/** Where vramp remembers. Every write is of a single item, conditional but for spending; reads are strongly consistent. */
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
  /** Notes what a workload of the fleet costs; the last note of each workload stands, whoever notes at the same time. */
  noteSpending(fleet: string, workload: string, spending: Spending): Promise<void>;
  /** What every workload that ever noted it costs, by name, those that the policy no longer has included. One request. */
  spendingOf(fleet: string): Promise<Readonly<Record<string, Spending>>>;
  /** What is to be told under a key, a workload's or the fleet's, and the version that a save must name; 0: nothing stored yet. */
  outbox(key: string): Promise<{ readonly value: Outbox; readonly version: number }>;
  /** Stores it if the stored version is still `expected`; false when somebody else saved first. */
  saveOutbox(key: string, value: Outbox, expected: number): Promise<boolean>;
}
