import type { EpochSeconds } from "../policy/units.ts";
import type { Notice } from "./notice.ts";

/** A notice on its way. It stays until every target has taken it, or it is too old. */
export interface Message {
  readonly id: string;
  readonly at: EpochSeconds;
  readonly notice: Notice;
  /** The targets that have not taken it yet, by the names of `targetOf`. */
  readonly targets: readonly string[];
}

/** A target that failed is left alone for a while. */
export interface TargetPause {
  readonly target: string;
  /** Failures in a row; a message that is taken clears them. */
  readonly failures: number;
  readonly until: EpochSeconds;
}

/** A problem that runs have met. People are told of it once, and not again while it lasts. */
export interface MetProblem {
  /** What it is: `blocked BudgetReached`, `failed llm-spot Forbidden`. */
  readonly problem: string;
  readonly since: EpochSeconds;
  /** When a run last met it, or not long before. */
  readonly seen: EpochSeconds;
  /** Whether people were told; one that may pass by itself waits until it has lasted. */
  readonly told: boolean;
}

/** What one workload, or the fleet itself, has to tell. Plain JSON, stored as one item under one version. */
export interface Outbox {
  /** The oldest first. */
  readonly messages: readonly Message[];
  readonly pauses: readonly TargetPause[];
  readonly problems: readonly MetProblem[];
}

export const EMPTY_OUTBOX: Outbox = { messages: [], pauses: [], problems: [] };
