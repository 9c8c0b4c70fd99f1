import type { HandBack } from "../../shared/wake/hand-back.ts";
import { once } from "../once.ts";
import { variable } from "../runtime.ts";

/** SQS's client is loaded by the first message that goes back; Lambda itself takes the others from the queue. */
export function lazyHandBack(): HandBack {
  const queueUrl = variable("VRAMP_QUEUE_URL");
  const opened = once(async () => {
    const { createSqsHandBack } = await import("../../shared/wake/sqs-hand-back.ts");
    return createSqsHandBack({ queueUrl });
  });
  return async (receiptHandles, after) => (await opened())(receiptHandles, after);
}
