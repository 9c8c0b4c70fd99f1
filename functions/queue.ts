import type { Seconds } from "../shared/policy/units.ts";
import { SEND_DEADLINE } from "../shared/wake/limits.ts";
import { createSqsClient, createSqsQueue } from "../shared/wake/sqs.ts";
import type { WakeQueue } from "../shared/wake/wake-queue.ts";
import { variable } from "./runtime.ts";

/** Where the stack's wake-ups go. Everything one `send` does ends by the deadline. */
export const openQueue = (deadline: Seconds = SEND_DEADLINE): WakeQueue =>
  createSqsQueue({ queueUrl: variable("VRAMP_QUEUE_URL"), client: createSqsClient(), deadline });
