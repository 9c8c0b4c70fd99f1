import type { Notice } from "../model/notice.ts";
import type { Message, Outbox, TargetPause } from "../model/outbox.ts";
import type { Notification } from "../policy/schema/policy.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import { FIRST_PAUSE, GIVE_UP_AFTER, LONGEST_PAUSE, MAX_WAITING } from "./limits.ts";
import { targetOf } from "./target.ts";

/** An outbox, and the messages that nobody will be told any more. */
export interface Kept {
  readonly outbox: Outbox;
  readonly givenUp: readonly Message[];
}

/** The outbox without messages that are too old, too many, or for targets that the policy no longer has. */
export function keepFresh(outbox: Outbox, notify: readonly Notification[], now: EpochSeconds): Kept {
  const names = new Set(notify.map(targetOf));
  const wanted = outbox.messages.filter(({ targets }) => targets.some((target) => names.has(target)));
  const young = wanted.filter(({ at }) => now - at < GIVE_UP_AFTER);
  const messages = young.slice(-MAX_WAITING);
  const pauses = outbox.pauses.filter(({ target }) => names.has(target));
  if (messages.length === outbox.messages.length && pauses.length === outbox.pauses.length)
    return { outbox, givenUp: [] };
  const kept = new Set(messages);
  return { outbox: { ...outbox, messages, pauses }, givenUp: wanted.filter((message) => !kept.has(message)) };
}

/** The outbox with one more notice in it, for every target that wants to hear of such. */
export function addNotice(
  outbox: Outbox,
  notice: Notice,
  notify: readonly Notification[],
  { id, at }: Pick<Message, "id" | "at">,
): Outbox {
  const listening = notify.filter(({ on }) => on.some((occasion) => notice.occasions.includes(occasion)));
  const targets = [...new Set(listening.map(targetOf))];
  if (targets.length === 0) return outbox;
  return { ...outbox, messages: [...outbox.messages, { id, at, notice, targets }] };
}

/** The messages that a target is to be given now, the oldest first; none while it is left alone. */
export function dueFor({ messages, pauses }: Outbox, target: string, now: EpochSeconds): readonly Message[] {
  if (pauses.some((pause) => pause.target === target && pause.until > now)) return [];
  return messages.filter(({ targets }) => targets.includes(target));
}

/** What became of one target's turn. */
export interface Turn {
  readonly target: string;
  /** The ids of the messages that it took. */
  readonly taken: readonly string[];
  /** Null when it took all that it was given. */
  readonly failure: { readonly why: string; readonly retryAfter: Seconds | null } | null;
}

function pauseAfter(before: TargetPause | undefined, turn: Turn, now: EpochSeconds): readonly TargetPause[] {
  const { target, taken, failure } = turn;
  if (failure === null) return [];
  const failures = (taken.length > 0 ? 0 : (before?.failures ?? 0)) + 1;
  const doubled = FIRST_PAUSE * 2 ** Math.min(failures - 1, 10);
  const pause = Math.min(LONGEST_PAUSE, Math.max(doubled, failure.retryAfter ?? 0));
  return [{ target, failures, until: now + pause }];
}

/** The outbox after some turns: what was taken is gone, and a target that failed is left alone for a while. */
export function afterTurns(outbox: Outbox, turns: readonly Turn[], now: EpochSeconds): Outbox {
  const takenBy = new Map(turns.map(({ target, taken }) => [target, new Set(taken)]));
  const messages = outbox.messages.flatMap((message): readonly Message[] => {
    const targets = message.targets.filter((target) => takenBy.get(target)?.has(message.id) !== true);
    return targets.length === 0 ? [] : [{ ...message, targets }];
  });
  const others = outbox.pauses.filter(({ target }) => !takenBy.has(target));
  const paused = turns.flatMap((turn) =>
    pauseAfter(
      outbox.pauses.find(({ target }) => target === turn.target),
      turn,
      now,
    ),
  );
  return { ...outbox, messages, pauses: [...others, ...paused] };
}
