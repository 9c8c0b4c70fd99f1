import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { Metric } from "./metrics.ts";

export interface FleetOptions {
  readonly workload: string;
  /** Provider ids of the nodes that serve now, from the clouds' own state. */
  readonly nodes: () => readonly string[];
  /** Tasks a second that arrive. */
  readonly demand: (at: EpochSeconds) => number;
  /** Tasks a second that one node can do. */
  readonly perNode: number;
  readonly gpusPerNode: number;
  readonly start: EpochSeconds;
}

/** The simulated GPU nodes of one workload and the queue in front of them. */
export interface Fleet {
  readonly workload: string;
  /** Plays everything up to `to`. */
  advance(to: EpochSeconds): void;
  /** A long job takes a node for itself until then. It is lost if the node goes before. */
  startJob(node: string, until: EpochSeconds): void;
  /** Nodes that work on a long job now. */
  readonly jobs: readonly string[];
  /** Long jobs whose node went before they ended. */
  readonly lostJobs: number;
  readonly queue: number;
  /** Share of the capacity of the nodes that serve the queue that is in use, 0 to 1. */
  readonly utilisation: number;
  /** Share of each card's VRAM that is free on the fullest node, 0 to 1. */
  readonly vramFree: number;
  /** What the exporters show now: the queue's length; for each node whether it works; for each GPU its use and VRAM. */
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
  let lostJobs = 0;
  const jobs = new Map<string, EpochSeconds>();

  function step(present: readonly string[]): void {
    for (const [node, until] of jobs) {
      if (until <= at) jobs.delete(node);
      else if (!present.includes(node)) {
        jobs.delete(node);
        lostJobs += 1;
      }
    }
    const serving = present.filter((node) => !jobs.has(node)).length;
    const capacity = serving * perNode * STEP;
    const waiting = queue + demand(at) * STEP;
    const served = Math.min(waiting, capacity);
    queue = waiting - served;
    utilisation = capacity === 0 ? 0 : served / capacity;
    at += STEP;
  }

  const loadOf = (node: string): number => (jobs.has(node) ? 1 : utilisation);
  const freeAt = (load: number): number => 1 - VRAM_IDLE - VRAM_BUSY * load;

  const nodeMetrics = (node: string): readonly Metric[] => {
    const load = loadOf(node);
    const ofNode = { workload, provider_id: node };
    return [
      { name: "vramp:gpu_jobs_running", labels: ofNode, value: load > 0 ? 1 : 0 },
      ...Array.from({ length: gpusPerNode }, (_, gpu) => ({ ...ofNode, gpu: String(gpu) })).flatMap((labels) => [
        { name: "DCGM_FI_DEV_GPU_UTIL", labels, value: Math.round(load * 100) },
        { name: "vramp:vram_free:ratio", labels, value: freeAt(load) },
      ]),
    ];
  };

  return {
    workload,
    advance(to) {
      const present = nodes();
      while (at + STEP <= to) step(present);
    },
    startJob: (node, until) => void jobs.set(node, until),
    get jobs() {
      return [...jobs.keys()];
    },
    get lostJobs() {
      return lostJobs;
    },
    get queue() {
      return Math.round(queue);
    },
    get utilisation() {
      return utilisation;
    },
    get vramFree() {
      return freeAt(jobs.size > 0 ? 1 : utilisation);
    },
    metrics: () => [
      { name: "llm_queue_length", labels: { workload }, value: Math.round(queue) },
      ...nodes().flatMap(nodeMetrics),
    ],
  };
}
