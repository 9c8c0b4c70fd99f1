import type { ConditionFinding, StageTrace } from "../model/decision.ts";
import type { CalendarWake, Causes } from "../model/memory.ts";
import type { Reason } from "../model/reasons.ts";
import type { Blockable } from "../policy/schema/workload.ts";

/** A bound on the size, with who set it. */
export interface Limit {
  readonly nodes: number;
  readonly reason: Reason;
  readonly detail: string;
}

/** A direction that is forbidden, with why. */
export interface Block {
  readonly reason: Reason;
  readonly detail: string;
}

/** What the stages pass along: the size so far, and what earlier stages forbid or demand of later ones. */
export interface Draft {
  readonly want: number;
  readonly floor: Limit;
  readonly ceiling: Limit;
  /** Set by operators; nothing later may move the size that way, not even a floor. */
  readonly pausedUp: Block | null;
  readonly pausedDown: Block | null;
  /** Set by models and guards; neither demand nor the calendar's ceiling may move the size that way, its floor may. */
  readonly blocks: Readonly<Partial<Record<Blockable, Block>>>;
  /** The size that demand asks for, whatever else holds; null while an input is unknown or there is no demand to ask. */
  readonly demanded: number | null;
  /** The signals that ask for growth, acted on or not; null while none does. */
  readonly causes: Causes | null;
  /** Nodes that each pool is to be asked for now; what it is asked for already, until the capacity stage has spread `want`. */
  readonly pools: Readonly<Record<string, number>>;
  /** Nodes to be removed by name, by pool. */
  readonly remove: Readonly<Record<string, readonly string[]>>;
  /** The wake that ends the calendar's zero, to be remembered. */
  readonly calendarWake: CalendarWake | null;
}

/** A stage's answer: the next draft, and what it has to say. `reason` defaults to `Unaffected`. */
export interface Step {
  readonly draft: Draft;
  readonly reason: Reason;
  readonly detail: string;
  readonly conditions?: readonly ConditionFinding[];
}

/** A stage that leaves the draft as it is. */
export function unaffected(draft: Draft, detail: string): Step {
  return { draft, reason: "Unaffected", detail };
}

/** The trace of a step, for `explain`. */
export function traceOf(stage: string, step: Step): StageTrace {
  const { reason, detail, conditions } = step;
  const base = { stage, want: step.draft.want, reason, detail };
  return conditions === undefined || conditions.length === 0 ? base : { ...base, conditions };
}
