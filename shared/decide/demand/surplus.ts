import type { Learned } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";

/** PATIENCE: for how much longer what is to spare stays with each unit of thrift above one: it costs calls to ask for it again. */
const PATIENCE: Seconds = 60;

type Surplus = Pick<Learned, "nodes" | "surplusSince">;

/** The size where `nodes` would do: what was asked for before, for a while, where calls to the clouds are to be saved. */
export function afterPatience(past: Surplus & Pick<Learned, "thrift">, nodes: number, now: EpochSeconds): Surplus {
  const since = past.surplusSince ?? now;
  const stays = nodes < past.nodes && now - since < PATIENCE * (past.thrift - 1);
  return stays ? { nodes: past.nodes, surplusSince: since } : { nodes, surplusSince: null };
}
