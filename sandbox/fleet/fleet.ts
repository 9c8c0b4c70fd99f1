import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { Metric } from "./metrics.ts";

export interface FleetOptions {
  readonly workload: string;
  /** Provider ids of the nodes that serve now. */
  readonly nodes: () => readonly string[];
  /** Tasks a second that arrive. */
  readonly demand: (at: EpochSeconds) => number;
  /** Tasks a second that one node can do. */
  readonly perNode: number;
  readonly gpusPerNode: number;
  readonly start: EpochSeconds;
}

/** A simulated GPU fleet and the queue in front of it. */
export interface Fleet {
  /** Plays everything up to `to`. */
  advance(to: EpochSeconds): void;
  readonly queue: number;
  /** Share of the fleet's capacity in use, 0 to 1. */
  readonly utilisation: number;
  /** Share of each card's VRAM that is free, 0 to 1. */
  readonly vramFree: number;
  /** What the exporters show now: the queue's length, and utilisation and VRAM of every GPU. */
  metrics(): readonly Metric[];
}

const STEP: Seconds = 1;

/** Weights and runtime take a little over half of a card; the KV cache grows with the load into the rest. */
const VRAM_IDLE = 0.55;
const VRAM_BUSY = 0.38;

export function createFleet({ workload, nodes, demand, perNode, gpusPerNode, start }: FleetOptions): Fleet {
  let at = start;
  let queue = 0;
  let utilisation = 0;

  function step(): void {
    const capacity = nodes().length * perNode * STEP;
    const waiting = queue + demand(at) * STEP;
    const served = Math.min(waiting, capacity);
    queue = waiting - served;
    utilisation = capacity === 0 ? 0 : served / capacity;
    at += STEP;
  }

  const vramFree = () => 1 - VRAM_IDLE - VRAM_BUSY * utilisation;

  return {
    advance(to) {
      while (at + STEP <= to) step();
    },
    get queue() {
      return Math.round(queue);
    },
    get utilisation() {
      return utilisation;
    },
    get vramFree() {
      return vramFree();
    },
    metrics: () => [
      { name: "llm_queue_length", labels: { workload }, value: Math.round(queue) },
      ...nodes().flatMap((id) =>
        Array.from({ length: gpusPerNode }, (_, gpu) => ({ workload, provider_id: id, gpu: String(gpu) })).flatMap(
          (labels) => [
            { name: "DCGM_FI_DEV_GPU_UTIL", labels, value: Math.round(utilisation * 100) },
            { name: "vramp:vram_free:ratio", labels, value: vramFree() },
          ],
        ),
      ),
    ],
  };
}
