import { inForce } from "../decide/stages/overrides.ts";
import type { Override, WorkloadMemory } from "../model/memory.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import type { ReconcileDeps } from "./deps.ts";
import { rfc3339 } from "./rfc3339.ts";
import { updateMemory } from "./update-memory.ts";

/** The longest an override may last: seven days. A forgotten one must end by itself. */
export const MAX_OVERRIDE: Seconds = 7 * 86_400;

type OperateDeps = Pick<ReconcileDeps, "memory">;

const MAX_OVERRIDES = 20;

async function change(
  deps: OperateDeps,
  workload: string,
  now: EpochSeconds,
  what: Readonly<Record<string, unknown>>,
  overrides: (active: readonly Override[]) => readonly Override[],
): Promise<WorkloadMemory> {
  const stored = await updateMemory(deps.memory, workload, (memory) => {
    const next = overrides(inForce(memory.overrides, now));
    return { ...memory, overrides: next.slice(-MAX_OVERRIDES) };
  });
  await deps.memory.append({ workload, type: "overridden", time: rfc3339(now), data: what });
  return stored;
}

/** Puts an override in force. A new hold replaces the one before; a new pause the one of its direction. */
export function override(deps: OperateDeps, workload: string, wanted: Override): Promise<WorkloadMemory> {
  const direction = (o: Override) => (o.kind === "pause" ? o.direction : null);
  const replaces = (old: Override): boolean => old.kind === wanted.kind && direction(old) === direction(wanted);
  return change(deps, workload, wanted.at, { ...wanted }, (active) => [...active.filter((o) => !replaces(o)), wanted]);
}

/** Ends every override of a workload. */
export function resume(
  deps: OperateDeps,
  workload: string,
  by: { readonly actor: string; readonly reason: string; readonly at: EpochSeconds },
): Promise<WorkloadMemory> {
  return change(deps, workload, by.at, { kind: "resume", ...by }, () => []);
}
