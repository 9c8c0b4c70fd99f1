export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/**
 * DCGM exports a number around 2^63 (9223372036854775794 and its like) for "no value"; a real one is never near 1e15.
 * The comparison drops the sample, so that a card without a value is absent rather than wrong.
 */
const measured = (metric: string) => `(${metric} < 1e15)`;
const FREE = measured("DCGM_FI_DEV_FB_FREE");
const USED = measured("DCGM_FI_DEV_FB_USED");

/**
 * Share of each card's VRAM that is free, with the labels of the exporter. Made of FREE and USED because the exporter does
 * not export FB_TOTAL unless told to. A card of which both are 0 is dropped: 0/0 is no measurement.
 */
const vramFree: RecordingRule = {
  record: "vramp:vram_free:ratio",
  expr: `${FREE}\n/\n((${FREE} + ${USED}) > 0)`,
};

const RUNNING = `kube_pod_status_phase{phase="Running"} == 1`;
const WORKLOAD_NODES = `kube_node_labels{label_vramp_workload!=""}`;

/** Running pods that hold a GPU, for each node of a workload, idle nodes included; what `scaleIn.busy` asks for. */
const gpuPodsRunning: RecordingRule = {
  record: "vramp:gpu_pods_running",
  expr: `(
  count by (node) (
    count by (namespace, pod, node) (kube_pod_container_resource_requests{resource=~"nvidia_com_.+"} > 0)
    and on (namespace, pod) (${RUNNING})
  )
  or
  0 * count by (node) (${WORKLOAD_NODES})
)
* on (node) group_left (provider_id) max by (node, provider_id) (kube_node_info)
* on (node) group_left (workload) max by (node, workload) (
  label_replace(${WORKLOAD_NODES}, "workload", "$1", "label_vramp_workload", "(.+)")
)`,
};

/** The series that policies read and no exporter gives as they are. */
export const RECORDING_RULES: readonly RecordingRule[] = [vramFree, gpuPodsRunning];
