import type { Clock } from "../model/clock.ts";
import type { Message, Outbox } from "../model/outbox.ts";
import type { Notification } from "../policy/schema/policy.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { SecretUnavailable } from "../secrets/secrets.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { NotSent } from "./errors.ts";
import type { Facts } from "./facts.ts";
import { MAX_AT_ONCE, MAX_SAVES, REQUEST_TIMEOUT, SEND_WITHIN } from "./limits.ts";
import { noticeOf, policyRefused } from "./notice.ts";
import { addNotice, afterTurns, dueFor, keepFresh, type Turn } from "./outbox.ts";
import { meet } from "./problems.ts";
import { type Target, targetOf } from "./target.ts";

/** Where outboxes are kept: the part of the memory that this needs. */
export interface OutboxStore {
  outbox(key: string): Promise<{ readonly value: Outbox; readonly version: number }>;
  saveOutbox(key: string, value: Outbox, expected: number): Promise<boolean>;
}

export interface NotifierDeps {
  readonly store: OutboxStore;
  readonly open: (notification: Notification) => Promise<Target>;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** A new unique id. */
  readonly newId: () => string;
}

/** Tells people. None of these throws, nor takes much longer than `SEND_WITHIN` and the memory's own patience. */
export interface Notifier {
  /** Tells of one run, and tries again what of its workload could not be sent before. */
  ofRun(facts: Facts, notify: readonly Notification[]): Promise<void>;
  ofRefusedPolicy(fleet: string, problem: string, notify: readonly Notification[]): Promise<void>;
  /** Tries again what could not be sent of the fleet itself. */
  again(fleet: string, notify: readonly Notification[]): Promise<void>;
}

type Change = (outbox: Outbox, now: EpochSeconds) => Outbox;
const asItIs: Change = (outbox) => outbox;

/** What a promise comes to, unless the signal is over first. */
async function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const over = () => late.reject(new NotSent("it took too long; vramp tries again"));
  if (signal.aborted) over();
  signal.addEventListener("abort", over, { once: true });
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    signal.removeEventListener("abort", over);
  }
}

/** Of other errors only the name, for their text might quote a webhook's address. */
function whyOf(error: unknown): Turn["failure"] {
  if (error instanceof NotSent) return { why: error.message, retryAfter: error.retryAfter };
  if (error instanceof SecretUnavailable) return { why: error.message, retryAfter: null };
  return { why: `unexpected failure: ${error instanceof Error ? error.name : "unknown error"}`, retryAfter: null };
}

export function createNotifier({ store, open, telemetry, clock, newId }: NotifierDeps): Notifier {
  /** Applies a change to what is stored now; a change that changes nothing is not stored. */
  async function change(key: string, make: (outbox: Outbox) => Outbox): Promise<Outbox> {
    for (let attempt = 0; attempt < MAX_SAVES; attempt += 1) {
      const { value, version } = await store.outbox(key);
      const next = make(value);
      if (next === value || (await store.saveOutbox(key, next, version))) return next;
    }
    throw new Error(`others saved the outbox of ${key} first, ${MAX_SAVES} times in a row; the next run tries again`);
  }

  async function turnOf(notification: Notification, messages: readonly Message[], abort: AbortSignal): Promise<Turn> {
    const target = targetOf(notification);
    const taken: string[] = [];
    for (const message of messages.slice(0, MAX_AT_ONCE)) {
      if (abort.aborted) break;
      const signal = AbortSignal.any([abort, AbortSignal.timeout(REQUEST_TIMEOUT * 1000)]);
      try {
        await within(
          open(notification).then((opened) => opened.send(message, signal)),
          signal,
        );
        taken.push(message.id);
      } catch (error) {
        return { target, taken, failure: whyOf(error) };
      }
    }
    return { target, taken, failure: null };
  }

  function report(key: string, { target, taken, failure }: Turn): void {
    const [kind = target] = target.split(" ");
    if (taken.length > 0) telemetry.count("NotificationsSent", taken.length, kind);
    if (failure === null) return;
    telemetry.count("NotificationFailures", 1, kind);
    telemetry.warn("a notification was not sent; it waits", { of: key, target, why: failure.why });
  }

  async function send(key: string, outbox: Outbox, notify: readonly Notification[]): Promise<void> {
    const now = clock();
    const byName = new Map(notify.map((notification) => [targetOf(notification), notification]));
    const due = [...byName].flatMap(([name, notification]) => {
      const messages = dueFor(outbox, name, now);
      return messages.length === 0 ? [] : [{ notification, messages }];
    });
    if (due.length === 0) return;
    const abort = AbortSignal.timeout(SEND_WITHIN * 1000);
    const turns = await Promise.all(due.map(({ notification, messages }) => turnOf(notification, messages, abort)));
    for (const turn of turns) report(key, turn);
    await change(key, (stored) => afterTurns(stored, turns, clock()));
  }

  async function tell(key: string, notify: readonly Notification[], add: Change): Promise<void> {
    try {
      const now = clock();
      let givenUp: readonly Message[] = [];
      const outbox = await change(key, (stored) => {
        const kept = keepFresh(add(stored, now), notify, now);
        givenUp = kept.givenUp;
        return kept.outbox;
      });
      for (const { notice, targets } of givenUp) {
        telemetry.count("NotificationsDropped", targets.length);
        telemetry.error("a notification was given up", { of: key, targets, headline: notice.headline });
      }
      await send(key, outbox, notify);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      telemetry.warn("people could not be told; nothing else depends on it", { of: key, why });
    }
  }

  return {
    ofRun(facts, notify) {
      const id = newId();
      return tell(`workload#${facts.workload}`, notify, (outbox, at) => {
        const met = meet(outbox.problems, facts, at);
        const known = met.problems === outbox.problems ? outbox : { ...outbox, problems: met.problems };
        const notice = noticeOf(facts, met);
        return notice === null ? known : addNotice(known, notice, notify, { id, at });
      });
    },
    ofRefusedPolicy(fleet, problem, notify) {
      const id = newId();
      return tell(`fleet#${fleet}`, notify, (outbox, at) =>
        addNotice(outbox, policyRefused(fleet, problem), notify, { id, at }),
      );
    },
    again: (fleet, notify) => tell(`fleet#${fleet}`, notify, asItIs),
  };
}
