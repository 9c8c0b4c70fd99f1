import { createHash } from "node:crypto";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { Memory } from "../../shared/memory/memory.ts";
import type { Clock } from "../../shared/model/clock.ts";
import type { Notice } from "../../shared/model/memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { NOTICE_LASTS } from "../../shared/reconcile/limits.ts";
import { addNotices } from "../../shared/reconcile/notices.ts";
import { updateMemory } from "../../shared/reconcile/update-memory.ts";
import { clean, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import type { WakeQueue } from "../../shared/wake/wake-queue.ts";
import { type CloudEvent, EventUnreadable, parseEvent } from "./events.ts";
import { COALESCE, EVENT_MAX_AGE } from "./limits.ts";
import { route } from "./route.ts";

export interface InterruptionsDeps {
  readonly policy: () => Promise<Policy>;
  /** The AWS account that vramp runs in, whose pools need no role. */
  readonly account: string;
  readonly queue: WakeQueue;
  readonly memory: Memory;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

type ByWorkload = ReadonlyMap<string, readonly CloudEvent[]>;

const describe = (error: unknown): string =>
  clean(error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const subjectOf = ({ about }: CloudEvent): string => (about.kind === "group" ? about.group : about.instance);

/** A wake-up for all that was heard of one workload at once. */
function wakeOf(workload: string, events: readonly CloudEvent[], now: EpochSeconds): Wake {
  const cause = clean([...new Set(events.map((e) => `${e.type} ${subjectOf(e)}`))].join(", "));
  const facts = [workload, Math.floor(now / COALESCE), ...events.map((e) => e.id).toSorted()];
  const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex");
  return { workload, trigger: "interruption", cause, at: now, key };
}

/** Nobody's clock sets how long a notice lasts but ours: one from the future counts as from now. */
const noticesOf = (events: readonly CloudEvent[], now: EpochSeconds): readonly Notice[] =>
  events.flatMap(({ about, time }) =>
    about.kind === "instance" && about.doomed
      ? [{ nodeId: about.instance, until: Math.min(time, now) + NOTICE_LASTS }]
      : [],
  );

/**
 * EventBridge's events, from the queue that gathers them: what EC2 and Auto Scaling say of spot instances and node groups
 * becomes notices in the memory, and at most one wake-up for each workload. Hands back what was not enqueued or remembered, and
 * what it cannot read; drops what is old or nobody's.
 */
export function createInterruptionsHandler(deps: InterruptionsDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  function read(record: SQSRecord): CloudEvent | null {
    try {
      return parseEvent(record.body);
    } catch (error) {
      if (!(error instanceof EventUnreadable)) throw error;
      deps.telemetry.count("EventsRefused", 1, "Unreadable");
      deps.telemetry.error("unreadable event, bound for the dead-letter queue", {
        id: record.messageId,
        error: describe(error),
      });
      return null;
    }
  }

  /** Sorts events by the workloads that they wake. Each event is counted and logged, with whom it woke and why. */
  function sort(events: readonly CloudEvent[], policy: Policy, now: EpochSeconds): ByWorkload {
    const byWorkload = new Map<string, readonly CloudEvent[]>();
    for (const event of events) {
      const said = { event: event.type, about: clean(subjectOf(event)), account: event.account, region: event.region };
      if (now - event.time > EVENT_MAX_AGE) {
        deps.telemetry.count("EventsIgnored", 1, "Stale");
        deps.telemetry.warn("event ignored", { ...said, why: "Stale", age: now - event.time });
        continue;
      }
      const routed = route(event, policy, deps.account);
      if ("refusal" in routed) {
        const { refusal } = routed;
        deps.telemetry.count(refusal === "NoMatchingPool" ? "EventsIgnored" : "EventsRefused", 1, refusal);
        deps.telemetry.info("event wakes nobody", { ...said, why: refusal });
        continue;
      }
      const { workloads, by } = routed;
      deps.telemetry.count("EventsAccepted", 1, event.type);
      deps.telemetry.info("event accepted", { ...said, woken: workloads, by: clean(by) });
      for (const id of workloads) byWorkload.set(id, [...(byWorkload.get(id) ?? []), event]);
    }
    return byWorkload;
  }

  async function remember(workload: string, notices: readonly Notice[], now: EpochSeconds): Promise<void> {
    if (notices.length === 0) return;
    await updateMemory(deps.memory, workload, (stored) => ({
      ...stored,
      notices: addNotices(stored.notices, notices, now),
    }));
  }

  async function wake(wakes: readonly Wake[]): Promise<void> {
    await deps.queue.send(wakes);
    deps.telemetry.count("WakesSent", wakes.length, "interruption");
  }

  /** Remembers first, so that the look finds the notices. Wakes even where that failed: a look without them may still see. */
  async function tells(byWorkload: ByWorkload, now: EpochSeconds): Promise<boolean> {
    const heard = [...byWorkload];
    const outcomes = await Promise.allSettled(
      heard.map(([workload, events]) => remember(workload, noticesOf(events, now), now)),
    );
    outcomes.push(
      ...(await Promise.allSettled([wake(heard.map(([workload, events]) => wakeOf(workload, events, now)))])),
    );
    const failures = outcomes.filter((outcome) => outcome.status === "rejected");
    for (const { reason } of failures)
      deps.telemetry.error("events not passed on; the queue tries again", { error: describe(reason) });
    return failures.length === 0;
  }

  return async ({ Records }) => {
    const now = deps.clock();
    const policy = await deps.policy();
    const messages = Records.map((record) => ({ record, event: read(record) }));
    const events = messages.flatMap(({ event }) => event ?? []);
    const byWorkload = sort(events, policy, now);
    const untold = byWorkload.size === 0 || (await tells(byWorkload, now)) ? [] : [...byWorkload.values()].flat();
    const failed = messages.filter(({ event }) => event === null || untold.includes(event));
    return { batchItemFailures: failed.map(({ record }) => ({ itemIdentifier: record.messageId })) };
  };
}
