import type { Verdict } from "../../model/decision.ts";
import type { CalendarWake } from "../../model/memory.ts";
import type { Reason } from "../../model/reasons.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { WindowsInForce } from "./windows.ts";

/** What the calendar asks of the size once operators and demand have had their say. */
export interface CalendarSize {
  /** Nodes, at least; null without a floor. */
  readonly floor: number | null;
  /** Nodes, at most; null without a ceiling. */
  readonly ceiling: number | null;
  /** Whose zero is in force. Demand may end the calendar's, never an operator's. */
  readonly zero: "calendar" | "operator" | null;
  /** To be remembered until the next run, in place of what was remembered before. */
  readonly wake: CalendarWake | null;
  readonly reason: Reason;
  readonly detail: string;
}

export interface CalendarInputs {
  readonly inForce: WindowsInForce;
  /**
   * Nodes at which an operator keeps the workload, whatever the calendar says: the size of a hold, or the size now while it is
   * stopped or paused outwards. Null while operators leave it free.
   */
  readonly held: number | null;
  /** Whether any condition of `inForce.wakeOn` holds now; `false` where there are none. */
  readonly wakeOn: Verdict;
  /** What was remembered by the run before. */
  readonly wake: CalendarWake | null;
  readonly now: EpochSeconds;
}

/** One node is enough to take up the work; from there demand decides. */
const WAKE_FLOOR = 1;

/** What the windows in force come to, given what operators and demand say. */
export function calendarSize({ inForce, held, wakeOn, wake, now }: CalendarInputs): CalendarSize {
  if (held !== null) {
    const detail = `an operator keeps the size at ${held}; the calendar waits until that is lifted`;
    const zero = held === 0 ? "operator" : null;
    return { floor: null, ceiling: null, zero, wake: null, reason: "Unaffected", detail };
  }
  const { floor, ceiling, governing, asserted, reason, detail } = inForce;
  if (ceiling !== 0 || governing === null || asserted === null)
    return { floor, ceiling, zero: null, wake: null, reason, detail };

  const stillAwake = wake !== null && wake.schedule === governing && wake.asserted === asserted;
  const fresh = wakeOn === "true" ? { schedule: governing, asserted, at: now } : null;
  const awake = stillAwake ? wake : fresh;
  if (awake === null) return { floor: 0, ceiling: 0, zero: "calendar", wake: null, reason, detail };
  return {
    floor: WAKE_FLOOR,
    ceiling: null,
    zero: null,
    wake: awake,
    reason: "Woken",
    detail: `demand ended the zero of ${governing} until it is idle or the next start of ${governing}`,
  };
}

/**
 * The wake to remember after a run. It ends once demand is known to be idle: what woke it no longer holds, and demand asks for
 * no node. Unknown is not idle. (`pending` neither: it is about to hold again.)
 *
 * @param demand nodes that demand asked for in this run, before floors; null if unknown
 */
export function wakeAfterRun(wake: CalendarWake | null, wakeOn: Verdict, demand: number | null): CalendarWake | null {
  const idle = wakeOn === "false" && demand === 0;
  return idle ? null : wake;
}
