import { createHash } from "node:crypto";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** SQS FIFO accepts a deduplication id again after this. */
export const DEDUPLICATION_INTERVAL: Seconds = 300;

/** Where messages go that were received too often. */
export interface Redrive {
  readonly to: FifoQueue;
  readonly maxReceiveCount: number;
}

export interface FifoQueueOptions {
  readonly name: string;
  readonly now: Clock;
  readonly visibilityTimeout: Seconds;
  readonly redrive: Redrive | null;
}

export interface NewMessage {
  readonly body: string;
  readonly group: string;
  readonly deduplicationId: string;
}

export interface Sent {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** A message as it was handed out. */
export interface Delivery extends NewMessage, Sent {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly sentAt: EpochSeconds;
  readonly firstReceivedAt: EpochSeconds;
}

/** One FIFO queue: order within a group, one batch of a group in flight, duplicates dropped for five minutes. */
export interface FifoQueue {
  readonly name: string;
  readonly visibilityTimeout: Seconds;
  readonly redrive: Redrive | null;
  send(message: NewMessage): Sent;
  /** Up to `max` messages, in order, of groups that have none in flight. They stay invisible for `visibility`. */
  receive(max: number, visibility?: Seconds): readonly Delivery[];
  /** Deletes a message that is in flight under this handle. `expired`: it is visible again; the consumer was too slow. */
  remove(receiptHandle: string): "removed" | "expired" | "unknown";
  /** Sets for how long a message in flight stays invisible from now on; 0 gives it back. */
  changeVisibility(receiptHandle: string, visibility: Seconds): "changed" | "expired" | "unknown";
  counts(): { readonly visible: number; readonly inFlight: number };
  /** Calls the listener after each message that was taken in; returns how to stop that. */
  onArrival(listener: () => void): () => void;
}

interface Message extends NewMessage, Sent {
  receiveCount: number;
  receiptHandle: string | null;
  invisibleUntil: EpochSeconds;
  readonly sentAt: EpochSeconds;
  firstReceivedAt: EpochSeconds | null;
}

export const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

export function createFifoQueue({ name, now, visibilityTimeout, redrive }: FifoQueueOptions): FifoQueue {
  let messages: Message[] = [];
  const accepted = new Map<string, { readonly at: EpochSeconds; readonly sent: Sent }>();
  const listeners = new Set<() => void>();
  let sequence = 0;

  const isInFlight = ({ invisibleUntil }: Message) => invisibleUntil > now();

  /** Forgets the deduplication ids that may be used again. They are in the order of their time. */
  function forgetOld(): void {
    for (const [id, { at }] of accepted) {
      if (now() - at < DEDUPLICATION_INTERVAL) return;
      accepted.delete(id);
    }
  }

  /** The message this handle stands for, if it is still in flight under it. */
  function held(receiptHandle: string): Message | "expired" | "unknown" {
    const message = messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message === undefined) return "unknown";
    return isInFlight(message) ? message : "expired";
  }

  function deliver(message: Message, visibility: Seconds): Delivery {
    const receiptHandle = crypto.randomUUID();
    const firstReceivedAt = message.firstReceivedAt ?? now();
    const receiveCount = message.receiveCount + 1;
    Object.assign(message, { receiptHandle, firstReceivedAt, receiveCount, invisibleUntil: now() + visibility });
    return { ...message, receiptHandle, firstReceivedAt, receiveCount };
  }

  return {
    name,
    visibilityTimeout,
    redrive,

    send(message) {
      forgetOld();
      const before = accepted.get(message.deduplicationId);
      if (before !== undefined) return before.sent;
      const sent = { messageId: crypto.randomUUID(), sequenceNumber: String(++sequence).padStart(20, "0") };
      accepted.set(message.deduplicationId, { at: now(), sent });
      messages.push({
        ...message,
        ...sent,
        receiveCount: 0,
        receiptHandle: null,
        invisibleUntil: 0,
        sentAt: now(),
        firstReceivedAt: null,
      });
      for (const listener of listeners) listener();
      return sent;
    },

    receive(max, visibility = visibilityTimeout) {
      const locked = new Set(messages.filter(isInFlight).map(({ group }) => group));
      const deliveries: Delivery[] = [];
      for (const message of [...messages]) {
        if (deliveries.length >= max) break;
        if (locked.has(message.group)) continue;
        if (redrive !== null && message.receiveCount >= redrive.maxReceiveCount) {
          messages = messages.filter((other) => other !== message);
          redrive.to.send(message);
        } else {
          deliveries.push(deliver(message, visibility));
        }
      }
      return deliveries;
    },

    remove(receiptHandle) {
      const message = held(receiptHandle);
      if (typeof message === "string") return message;
      messages = messages.filter((other) => other !== message);
      return "removed";
    },

    changeVisibility(receiptHandle, visibility) {
      const message = held(receiptHandle);
      if (typeof message === "string") return message;
      message.invisibleUntil = now() + visibility;
      return "changed";
    },

    counts() {
      const inFlight = messages.filter(isInFlight).length;
      return { visible: messages.length - inFlight, inFlight };
    },

    onArrival(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
