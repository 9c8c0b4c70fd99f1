import type { Reason } from "../model/reasons.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Stop } from "./stop.ts";

/** A change of a pool's size; `waits` says why it is not asked for now, null when it is. */
interface Waiting {
  readonly waits: Reason | null;
}

/**
 * The changes; those that would be asked for now wait instead while the stop is set, or cannot be read. Asks only when there is
 * something to hold. What is held is counted as not done, so that neither a forgotten stop nor an unreadable one is silent.
 */
export async function heldByStop<C extends Waiting>(
  changes: readonly C[],
  { stop, telemetry }: { readonly stop: Stop; readonly telemetry: Telemetry },
): Promise<readonly (Omit<C, "waits"> & Waiting)[]> {
  const due = changes.filter(({ waits }) => waits === null).length;
  if (due === 0) return changes;
  const state = await stop.read();
  if (state.kind === "clear") return changes;
  telemetry.count("ResizeFailures", due, state.kind === "set" ? "Stopped" : "StopUnknown");
  telemetry.warn("changes held by the fleet's stop", {
    changes: due,
    why: state.kind === "set" ? "the stop is set" : state.why,
  });
  return changes.map((change) => (change.waits === null ? { ...change, waits: "Stopped" } : change));
}
