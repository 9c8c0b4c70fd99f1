import type { Gpu } from "../../policy/schema/workload.ts";
import type { Bytes } from "../../policy/units.ts";

/** GPUs of some nodes, counted both ways. */
export interface GpuCounts {
  /** Cards one can touch. Cost, VRAM and throughput count these. */
  readonly physical: number;
  /** What the scheduler offers to pods. Only fitting pods and quotas count these. */
  readonly logical: number;
}

/** Physical and logical GPUs of `nodes` nodes. */
export function gpuCounts(gpu: Gpu, nodes: number): GpuCounts {
  const physical = gpu.perNode * nodes;
  return { physical, logical: physical * logicalPerCard(gpu) };
}

/** How many pods that ask for one GPU the scheduler puts on one physical card. */
export function logicalPerCard({ sharing }: Gpu): number {
  if (sharing === undefined) return 1;
  if ("timeSlicing" in sharing) return sharing.timeSlicing;
  if ("mps" in sharing) return sharing.mps;
  return Object.values(sharing.mig).reduce((sum, count) => sum + count, 0);
}

/** A piece of VRAM that a model must fit into whole: a card, or a slice of one under MIG. */
export interface Card {
  readonly memory: Bytes;
  /** Where it is, for people: `node 0 gpu 1`, `node 0 gpu 1 1g.5gb`. */
  readonly label: string;
}

/**
 * The cards of one node, largest first; null where the policy does not say how much VRAM a card has.
 *
 * MIG cuts a card into slices, each with memory of its own. Time-slicing and MPS cut nothing: their logical GPUs share
 * one memory, so the node keeps the cards it physically has.
 */
export function cardsOfNode(gpu: Gpu, node: number): readonly Card[] | null {
  const slices = slicesOfCard(gpu);
  if (slices === null) return null;
  return Array.from({ length: gpu.perNode }, (_, index) =>
    slices.map(({ memory, profile }) => ({ memory, label: `node ${node} gpu ${index}${profile}` })),
  )
    .flat()
    .toSorted((a, b) => b.memory - a.memory);
}

function slicesOfCard({ memory, sharing }: Gpu): readonly { memory: Bytes; profile: string }[] | null {
  if (sharing === undefined || !("mig" in sharing)) return memory === undefined ? null : [{ memory, profile: "" }];
  return Object.entries(sharing.mig).flatMap(([profile, count]) =>
    Array.from({ length: count }, () => ({ memory: migMemory(profile), profile: ` ${profile}` })),
  );
}

/**
 * VRAM of one MIG slice, from its profile: `1g.5gb` is 5 decimal gigabytes. The driver shows a little more on A30, A100
 * and H100 (4.75 GiB for 1g.5gb, 39.5 GiB for 3g.40gb), so this errs on the safe side. NaN if it is not a profile.
 */
export function migMemory(profile: string): Bytes {
  const [, gigabytes] = /^\d+g\.(\d+)gb$/.exec(profile) ?? [];
  return gigabytes === undefined ? Number.NaN : Number(gigabytes) * 1e9;
}
