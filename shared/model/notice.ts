import type { Notification } from "../policy/schema/policy.ts";

/** On what occasion people are told, as the policy's `notify` names them. */
export type Occasion = Notification["on"][number];

/** The gravest first. */
export const OCCASIONS = ["failed", "blocked", "scaled"] as const satisfies readonly Occasion[];

/**
 * One decision, as people are told of it: what happened, why, and what they can do. Plain text, a line each and cleaned; a target
 * escapes it as it must.
 */
export interface Notice {
  /** All that it is about; the gravest first, and never none. */
  readonly occasions: readonly Occasion[];
  readonly fleet: string;
  /** Null when it is about the fleet's policy. */
  readonly workload: string | null;
  /** One line that says it all: `worker-llm: 2 → 4 nodes`. */
  readonly headline: string;
  readonly what: readonly string[];
  readonly why: readonly string[];
  /** What to do about it; empty when nothing is to be done. */
  readonly toDo: readonly string[];
  /** The command that shows more. */
  readonly command: string;
}
