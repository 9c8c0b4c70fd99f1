import type { Clock } from "../../shared/model/clock.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Telemetry } from "../../shared/telemetry/telemetry.ts";
import type { WakeQueue } from "../../shared/wake/wake-queue.ts";

export interface TickDeps {
  readonly policy: () => Promise<Policy>;
  readonly queue: WakeQueue;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** Seconds between ticks; two deliveries of one tick are one wake-up. */
const MINUTE = 60;

/** Parts of the fleet that take turns in being woken first, so that a queue that takes only some starves none. */
const TURNS = 4;

function inTurn(workloads: readonly string[], minute: number): readonly string[] {
  const first = Math.floor(((minute % TURNS) * workloads.length) / TURNS);
  return [...workloads.slice(first), ...workloads.slice(0, first)];
}

/**
 * The one-minute schedule: wakes every workload, whatever the event says. The safety net for every alert that was lost.
 * Throws when the queue does not take the wake-ups, so that the scheduler tries again.
 */
export function createTickHandler(deps: TickDeps): () => Promise<{ readonly woken: number }> {
  return async () => {
    const now = deps.clock();
    const minute = Math.floor(now / MINUTE);
    const workloads = inTurn(Object.keys((await deps.policy()).workloads), minute);
    const wakes = workloads.map(
      (workload): Wake => ({ workload, trigger: "tick", cause: "tick", at: now, key: `tick|${workload}|${minute}` }),
    );
    await deps.queue.send(wakes);
    deps.telemetry.count("WakesSent", wakes.length, "tick");
    return { woken: wakes.length };
  };
}
