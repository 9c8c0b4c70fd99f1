import { VersionConflict } from "../memory/errors.ts";
import type { Memory } from "../memory/memory.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import { MAX_SAVES } from "./limits.ts";

/** Applies a change to what is stored now, again and again until nobody saved in between. Returns what was stored. */
export async function updateMemory(
  memory: Memory,
  workload: string,
  change: (stored: WorkloadMemory) => WorkloadMemory,
): Promise<WorkloadMemory> {
  for (let attempt = 1; ; attempt += 1) {
    const { value, version } = await memory.load(workload);
    const next = change(value);
    try {
      await memory.save(workload, next, version);
      return next;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === MAX_SAVES) throw error;
    }
  }
}
