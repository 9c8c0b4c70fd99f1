import type { Learned } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";

/** PATIENCE: for how much longer what is to spare stays with each unit of thrift above one: it costs calls to ask for it again. */
const PATIENCE: Seconds = 60;

type Surplus = Pick<Learned, "nodes" | "surplusSince">;

/** What decides whether a size that is more than needed stays. */
export interface Needed {
  /** Nodes that would do. */
  readonly nodes: number;
  /** See `addCalls`. */
  readonly thrift: number;
  readonly now: EpochSeconds;
}

/** The size with `nodes` needed: what was asked for before, for a while, where calls to the clouds are to be saved. */
export function afterPatience(past: Surplus, { nodes, thrift, now }: Needed): Surplus {
  const since = past.surplusSince ?? now;
  const stays = nodes < past.nodes && now - since < PATIENCE * (thrift - 1);
  return stays ? { nodes: past.nodes, surplusSince: since } : { nodes, surplusSince: null };
}
