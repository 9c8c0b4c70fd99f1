import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Wake } from "../../shared/model/observation.ts";
import type { Facts } from "../../shared/notify/facts.ts";
import type { ReconcileDeps } from "../../shared/reconcile/deps.ts";
import { UnknownWorkload } from "../../shared/reconcile/look.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { clean } from "../../shared/telemetry/telemetry.ts";
import { awayFor, type HandBack } from "../../shared/wake/hand-back.ts";
import { parseWake, WakeUnreadable } from "../../shared/wake/message.ts";

/** What can never succeed. Told apart from the rest by type; everything else is worth another try. */
const isFinal = (error: unknown): boolean => error instanceof UnknownWorkload;

const describe = (error: unknown): string =>
  clean(error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** A batch's messages by group, oldest first in each. */
function groupsOf(records: readonly SQSRecord[]): readonly (readonly SQSRecord[])[] {
  const groups = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const id = record.attributes.MessageGroupId ?? record.messageId;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [record]);
    else group.push(record);
  }
  return [...groups.values()];
}

/** The wake-ups in front of the first message that is none, and how many messages they are. */
function readable(group: readonly SQSRecord[], deps: ReconcileDeps): readonly Wake[] {
  const wakes: Wake[] = [];
  for (const record of group) {
    try {
      wakes.push(parseWake(record.body));
    } catch (error) {
      if (!(error instanceof WakeUnreadable)) throw error;
      deps.telemetry.error("unreadable message, bound for the dead-letter queue", {
        id: record.messageId,
        error: describe(error),
      });
      return wakes;
    }
  }
  return wakes;
}

/** What becomes of a run that is over: people may want to be told. Never throws. */
export type AfterRun = (facts: Facts) => Promise<void>;
const NOBODY_IS_TOLD: AfterRun = async () => {};

/** Runs for one wake-up. False when it is worth another try; one that can never succeed is dropped. Never throws. */
export async function runFor(wake: Wake, deps: ReconcileDeps, afterRun = NOBODY_IS_TOLD): Promise<boolean> {
  try {
    const outcome = await reconcile(wake, deps);
    if (outcome.kind === "done") await afterRun(outcome.facts);
    return true;
  } catch (error) {
    const final = isFinal(error);
    const { workload, cause } = wake;
    deps.telemetry.error(final ? "wake-up dropped" : "reconcile failed; the queue tries again", {
      workload,
      cause,
      error: describe(error),
    });
    if (!final) deps.telemetry.count("Retries", 1, error instanceof Error ? error.name : "Unknown");
    return final;
  }
}

/** Leaves what goes back hidden until the queue's own visibility timeout ends. */
const WHEN_HIDING_ENDS: HandBack = async () => {};

/** A message's deliveries so far, this one included. */
const deliveriesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount);

/**
 * The FIFO queue's consumer. Groups run side by side, each at most once: messages of one group are one look, for a wake-up
 * carries no more than a cause. What may succeed later is handed back message by message, with everything behind it in its
 * group, and comes again soon; a wake-up for a workload that the policy no longer has is dropped.
 */
export function createReconcileHandler(
  deps: ReconcileDeps,
  afterRun = NOBODY_IS_TOLD,
  handBack = WHEN_HIDING_ENDS,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  /** How many of a group's messages are dealt with; those behind go back. */
  async function dealtWith(group: readonly SQSRecord[]): Promise<number> {
    const wakes = readable(group, deps);
    const newest = wakes.at(-1);
    return newest === undefined || !(await runFor(newest, deps, afterRun)) ? 0 : wakes.length;
  }

  /** All of a group together, for one that stays hidden keeps the others from coming. Never throws. */
  async function comeAgain(records: readonly SQSRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const receiptHandles = records.map((record) => record.receiptHandle);
    try {
      await handBack(receiptHandles, awayFor(deliveriesOf(first)));
    } catch (error) {
      deps.telemetry.warn("messages come again only when the queue's visibility timeout ends", {
        messages: records.length,
        error: describe(error),
      });
    }
  }

  async function handled(group: readonly SQSRecord[]): Promise<readonly SQSRecord[]> {
    const back = group.slice(await dealtWith(group));
    await comeAgain(back);
    return back;
  }

  return async (event) => {
    const failed = groupsOf(event.Records).map(handled);
    const records = (await Promise.all(failed)).flat();
    return { batchItemFailures: records.map((record) => ({ itemIdentifier: record.messageId })) };
  };
}
