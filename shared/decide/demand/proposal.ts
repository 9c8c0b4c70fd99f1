import type { ConditionFinding } from "../../model/decision.ts";
import type { Causes } from "../../model/memory.ts";
import type { Reason } from "../../model/reasons.ts";
import type { Block } from "../draft.ts";

/** A size that one kind of demand asks for, in nodes, and why. */
export interface Proposal {
  readonly nodes: number;
  readonly reason: Reason;
  readonly detail: string;
  /** Set when an input is unknown: then nothing may shrink. */
  readonly unknown: Block | null;
  /** The signals that ask for growth, acted on or not; null while none does. */
  readonly causes: Causes | null;
  readonly conditions: readonly ConditionFinding[];
}
