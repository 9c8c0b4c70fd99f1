import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { BATCH_SIZE, VISIBILITY_TIMEOUT } from "../../infra/limits.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { DEDUPLICATION_WINDOW, MAX_RECEIVE_COUNT } from "../../shared/wake/limits.ts";
import { formatWake } from "../../shared/wake/message.ts";
import { type WakeQueue, WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import type { Invocation, Wire } from "./invocation.ts";
import type { World } from "./world.ts";

const WIRE: Wire = {
  latency: [0.01, 0.1],
  patience: 3,
  throttled: () => new WakeQueueUnavailable("the queue throttles"),
  unavailable: (why) => new WakeQueueUnavailable(`the queue did not answer: ${why}`),
};

interface Message {
  readonly id: string;
  readonly group: string;
  readonly body: string;
  received: number;
  /** True time from which it may be delivered. */
  visibleAt: EpochSeconds;
}

/** Hands one batch to a consumer; it answers with what the consumer said, or null if the consumer died. */
export type Deliver = (event: SQSEvent, answered: (response: SQSBatchResponse | null) => void) => void;

/** An SQS FIFO queue and its event source: a group at a time, at least once, and dead letters. */
export interface SimulatedQueue {
  senderFor(invocation: Invocation): WakeQueue;
  /** What is sent from now on goes to this consumer. */
  consume(deliver: Deliver): void;
  readonly deadLetters: number;
  readonly waiting: number;
}

const record = ({ id, group, body, received }: Message): SQSRecord => ({
  messageId: id,
  receiptHandle: id,
  body,
  attributes: {
    ApproximateReceiveCount: String(received),
    SentTimestamp: "0",
    SenderId: "simulated",
    ApproximateFirstReceiveTimestamp: "0",
    MessageGroupId: group,
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-central-1:111122223333:wakes.fifo",
  awsRegion: "eu-central-1",
});

/** Wake-ups as one event for the reconcile function, without a queue in between. */
export const eventOf = (wakes: readonly Wake[], id: string): SQSEvent => ({
  Records: wakes.map((wake, i) =>
    record({ id: `${id}/${i}`, group: wake.workload, body: formatWake(wake), received: 1, visibleAt: 0 }),
  ),
});

/** Seconds until a poller finds what has become visible. */
const POLL: readonly [Seconds, Seconds] = [0.05, 1];

export function createQueue(world: World): SimulatedQueue {
  const { scheduler, swarm, random } = world;
  const groups = new Map<string, Message[]>();
  const inFlight = new Set<string>();
  const seen = new Map<string, EpochSeconds>();
  let deliver: Deliver = () => {};
  let deadLetters = 0;

  function put(wake: Wake, delay: Seconds): void {
    const group = groups.get(wake.workload) ?? [];
    groups.set(wake.workload, group);
    const id = `message-${world.next()}`;
    const visibleAt = scheduler.now + delay;
    const message = { id, group: wake.workload, body: formatWake(wake), received: 0, visibleAt };
    if (swarm.strikes("reorderMessage")) group.unshift(message);
    else group.push(message);
    scheduler.after(delay + random.between(...POLL), poll);
  }

  function take(wake: Wake): void {
    const since = seen.get(wake.key);
    if (since !== undefined && scheduler.now - since < DEDUPLICATION_WINDOW) return;
    seen.set(wake.key, scheduler.now);
    if (swarm.strikes("dropMessage")) {
      world.note(`a message to ${wake.workload} is lost`);
      return;
    }
    put(wake, swarm.strikes("delayMessage") ? random.between(5, 120) : 0);
    if (swarm.strikes("duplicateMessage")) put(wake, random.between(0, 60));
  }

  /** The messages of a group that can be delivered together: in order, and none past one that is hidden. */
  function deliverable(group: string): readonly Message[] {
    const messages = groups.get(group) ?? [];
    const hidden = messages.findIndex((m) => m.visibleAt > scheduler.now);
    return messages.slice(0, Math.min(BATCH_SIZE, hidden === -1 ? messages.length : hidden));
  }

  function poll(): void {
    const ready = [...groups.keys()].filter((g) => !inFlight.has(g) && deliverable(g).length > 0);
    // Sometimes one batch has the messages of several groups, as with SQS.
    const batches = ready.length > 1 && random.chance(0.3) ? [ready] : ready.map((group) => [group]);
    for (const batch of batches) hand(batch);
  }

  function hand(batch: readonly string[]): void {
    const messages = batch.flatMap(deliverable).slice(0, BATCH_SIZE);
    for (const message of messages) {
      message.received += 1;
      message.visibleAt = scheduler.now + VISIBILITY_TIMEOUT;
    }
    const held = new Set(messages.map((m) => m.group));
    for (const group of held) inFlight.add(group);
    deliver({ Records: messages.map(record) }, (response) => {
      for (const group of held) inFlight.delete(group);
      settle(messages, response);
    });
  }

  /** What was dealt with goes, also when the consumer died; the rest is hidden until its visibility ends, or given up. */
  function settle(messages: readonly Message[], response: SQSBatchResponse | null): void {
    const failed = new Set(response?.batchItemFailures.map((f) => f.itemIdentifier) ?? messages.map((m) => m.id));
    for (const message of messages) {
      const spent = message.received >= MAX_RECEIVE_COUNT;
      if (failed.has(message.id) && !spent) continue;
      if (failed.has(message.id)) deadLetters += 1;
      const group = groups.get(message.group) ?? [];
      group.splice(group.indexOf(message), 1);
    }
    if (failed.size > 0) scheduler.after(VISIBILITY_TIMEOUT + random.between(...POLL), poll);
    scheduler.after(random.between(...POLL), poll);
  }

  return {
    senderFor: (invocation) => ({
      send: (wakes) =>
        invocation.call(WIRE, () => {
          for (const wake of wakes) take(wake);
        }),
    }),
    consume(to) {
      deliver = to;
    },
    get deadLetters() {
      return deadLetters;
    },
    get waiting() {
      return [...groups.values()].reduce((sum, group) => sum + group.length, 0);
    },
  };
}
