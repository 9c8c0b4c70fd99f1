import { type Listening, listenOnLoopback } from "../../functions/http/listen.ts";
import { exposition, type Metric } from "../../sandbox/fleet/metrics.ts";

export interface ExporterOptions {
  /** Provider ids of the nodes that serve `worker-llm` now. */
  readonly nodes: () => readonly string[];
  readonly gpusPerNode: number;
}

/** The fleet's metrics at `/metrics`: the queue and every GPU of the nodes there are. A test says what they show. */
export interface Exporter extends Listening {
  /** Tasks that wait for `worker-llm`. Its GPUs are busy while any does. */
  setQueue(tasks: number): void;
  /** Share of each card's VRAM that is free, 0 to 1. */
  setVramFree(ratio: number): void;
}

/** VRAM of one card in MiB, the unit in which DCGM exports it. */
const CARD = 40_960;

export async function startExporter({ nodes, gpusPerNode }: ExporterOptions): Promise<Exporter> {
  let queue = 0;
  let vramFree = 0.5;

  const gpu = (id: string, index: number): readonly Metric[] => {
    const labels = { workload: "worker-llm", provider_id: id, gpu: String(index) };
    const free = Math.round(CARD * vramFree);
    return [
      { name: "DCGM_FI_DEV_GPU_UTIL", labels, value: queue > 0 ? 95 : 5 },
      { name: "DCGM_FI_DEV_FB_FREE", labels, value: free },
      { name: "DCGM_FI_DEV_FB_USED", labels, value: CARD - free },
    ];
  };
  const metrics = (): readonly Metric[] => [
    { name: "llm_queue_length", labels: { workload: "worker-llm" }, value: queue },
    { name: "llm_queue_length", labels: { workload: "embedding" }, value: 0 },
    ...nodes().flatMap((id) => Array.from({ length: gpusPerNode }, (_, index) => gpu(id, index)).flat()),
  ];

  const server = await listenOnLoopback((_, response) => {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(exposition(metrics()));
  });
  return {
    ...server,
    setQueue: (tasks) => {
      queue = tasks;
    },
    setVramFree: (ratio) => {
      vramFree = ratio;
    },
  };
}
