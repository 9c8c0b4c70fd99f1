// Every limit and time-out of the stack, each with its reason. Times are in seconds, memory in MiB, as AWS takes them.
import { MAX_RECEIVE_COUNT } from "../shared/wake/limits.ts";

/** How one function runs. */
export interface FunctionLimits {
  readonly memory: number;
  readonly timeout: number;
  /** Reserved concurrency: as many runs at once, which nothing else can take away, and no more. */
  readonly concurrency: number;
}

/** What is known of each function's run decides; Lambda gives a whole vCPU at 1,769 MiB, and a share of it below. */
export const FUNCTION_LIMITS = {
  // Alertmanager wants its answer within a second, a cold start included, and loading is CPU. At most 4 s for the tokens and
  // 0.9 s for the queue. 10 at once are 100 alert groups a second, warm.
  alerts: { memory: 1024, timeout: 8, concurrency: 10 },
  // Nobody waits for it; the queue is given 30 s, and a thousand batches are CPU. Within its minute, and one at once: a tick that
  // overlaps another adds nothing.
  tick: { memory: 512, timeout: 45, concurrency: 1 },
  // A person waits: 8 s for all clouds and signals, and the memory before and after.
  invoke: { memory: 512, timeout: 30, concurrency: 5 },
  // 8 s to observe, 12 s to act, 3 s to tell people, the memory in between with its retries. Less than the lease (`LEASE_TTL`,
  // 90 s), so that Lambda ends a stuck run before another may begin. Ten runs of ten messages are 100 workloads at once.
  reconcile: { memory: 512, timeout: 60, concurrency: 10 },
  // A spot node has two minutes, and loading is CPU. The memory is given 8 s, the queue 3 s. Two at once are the fewest that
  // Lambda takes events from a queue with; more would only meet at the same workload's memory.
  interruptions: { memory: 512, timeout: 15, concurrency: 2 },
  // Nobody waits for it: 4 s for the token and 20 s for the answer. One an hour.
  canary: { memory: 256, timeout: 30, concurrency: 1 },
} as const satisfies Record<string, FunctionLimits>;

/** Every function has an entry point `functions/<name>/index.ts`. */
export type FunctionName = keyof typeof FUNCTION_LIMITS;
export const FUNCTION_NAMES = [
  "alerts",
  "tick",
  "invoke",
  "reconcile",
  "interruptions",
  "canary",
] as const satisfies readonly FunctionName[];

/** How long a message stays hidden from others: AWS asks for six times the function's time-out. */
export const VISIBILITY_TIMEOUT = 6 * FUNCTION_LIMITS.reconcile.timeout;

/** How long an unread wake-up lives: long enough for its last delivery to fail; a tick is along every minute anyway. */
export const WAKE_RETENTION = 2 * MAX_RECEIVE_COUNT * VISIBILITY_TIMEOUT;

/** Events in one run, and how many seconds of them: a wave of interruptions is one note and one wake-up for a workload. */
export const EVENT_BATCH_SIZE = 100;
export const EVENT_BATCH_WINDOW = 1;

/** How long an event stays hidden from others: six times the function's time-out and the batching, as AWS asks. */
export const EVENT_VISIBILITY_TIMEOUT = 6 * FUNCTION_LIMITS.interruptions.timeout + EVENT_BATCH_WINDOW;

/** How often EventBridge tries to enqueue an event before it is a dead letter; it spreads them over the event's age. */
export const EVENT_RETRIES = 10;

/** Dead letters are for people to look at: SQS's longest, 14 days. */
export const DEAD_LETTER_RETENTION = 14 * 86_400;

/** Messages in one run: SQS FIFO's most. Groups in it run side by side. */
export const BATCH_SIZE = 10;

/** Hours between canaries, and without one before somebody is told. Alerts are a short cut: the tick sees what they say. */
export const CANARY_EVERY = 1;
export const CANARY_MISSED = 2;
/** A canary that is late by more than its retries take, a minute and two, makes room for the next. */
export const CANARY_MAX_AGE = 600;
export const CANARY_RETRIES = 2;

/** A tick that is late is stale: the next one is a minute behind it. Scheduler's and Lambda's smallest. */
export const TICK_MAX_AGE = 60;
/** Within that minute. */
export const TICK_RETRIES = 2;

/**
 * Requests a second, and in one burst, before API Gateway answers 503: two Alertmanagers with 50 alert groups each, all at
 * once. More waits for Alertmanager's own retry, a fraction of a second later.
 */
export const ALERTS_RATE = 50;
export const ALERTS_BURST = 100;

/** How long API Gateway waits: the function's time-out and its cold start. Below the gateway's own 29 s. */
export const ALERTS_WAIT = FUNCTION_LIMITS.alerts.timeout + 4;

/** What callers are told to wait after a 503. */
export const RETRY_AFTER = 5;

/** Characters of the generated alert token: 62^64 is beyond guessing. `alerts` refuses fewer than 32. */
export const TOKEN_LENGTH = 64;

/** Node groups in one IAM statement: 40 ARNs of the longest usual names stay below a managed policy's 6,144 characters. */
export const NODE_GROUPS_PER_STATEMENT = 40;
