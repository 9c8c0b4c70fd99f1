import type { Bytes } from "../../policy/units.ts";

/** A model to be placed whole. One that is sharded over GPUs is written as one entry, or one replica, for each shard. */
export interface ModelSize {
  readonly name: string;
  /** VRAM it takes when loaded, cache included. */
  readonly memory: Bytes;
  /** Copies of it; 1 when absent. */
  readonly replicas?: number;
}

/** One copy of one model. */
export interface PlacedModel {
  readonly name: string;
  readonly memory: Bytes;
}

/** Every copy by itself in whole bytes, the largest first and by name among equals, so that the order of input is forgotten. */
export function copiesOf(models: readonly ModelSize[]): readonly PlacedModel[] {
  return models
    .flatMap(({ name, memory, replicas = 1 }) =>
      Array.from({ length: replicas }, () => ({ name, memory: Math.ceil(memory) })),
    )
    .toSorted((a, b) => b.memory - a.memory || compareText(a.name, b.name));
}

/** What models may use of a card, in whole bytes, when `headroom` of it (a share, 0 to 1) stays free. */
export function usableMemory(memory: Bytes, headroom: number): Bytes {
  if (!(headroom >= 0 && headroom < 1))
    throw new RangeError(`The headroom is ${headroom}; give the share to keep free, from 0 to below 1, such as 0.2.`);
  return Math.round(memory - memory * headroom);
}

/** By code unit, so that the order is the same on every machine. */
const compareText = (a: string, b: string) => Number(a > b) - Number(a < b);
