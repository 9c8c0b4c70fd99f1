import type { ExternalSize, WorkloadMemory } from "../model/memory.ts";
import { own } from "../policy/own.ts";
import type { EpochSeconds, Seconds } from "../policy/units.ts";
import { isAsAsked, ownSize, type PoolSize, type Size } from "./size.ts";

/** Whether somebody else set the pool's size. A call whose outcome is open explains everything. */
const setByOthers = (p: PoolSize, memory: WorkloadMemory): boolean =>
  isAsAsked(p, memory) === false && !memory.intents.some((intent) => intent.pool === p.pool.name);

/** The change of size that somebody else made since the last look; null when nobody did, or not all pools can be seen. */
export function externalChange(memory: WorkloadMemory, size: Size, now: EpochSeconds): ExternalSize | null {
  if (size.unseen.length > 0) return null;
  const changed = size.pools.filter((p) => setByOthers(p, memory));
  if (changed.length === 0) return null;
  const before = size.pools.reduce((sum, p) => sum + (own(memory.pools, p.pool.name)?.desired ?? 0), 0);
  const from = ownSize(before, memory.assigned);
  return { at: now, from, to: size.desired, pools: changed.map((p) => p.pool.name) };
}

/** The size that somebody else set, while it is to be left alone. */
export function externalInForce(
  { external }: WorkloadMemory,
  respectFor: Seconds,
  now: EpochSeconds,
): ExternalSize | null {
  return external !== null && now < external.at + respectFor ? external : null;
}

/** `somebody else took it from 3 to 5 (llm-spot)`. */
export const externalText = ({ from, to, pools }: ExternalSize): string =>
  `somebody else took it from ${from} to ${to} (${pools.join(", ")})`;
