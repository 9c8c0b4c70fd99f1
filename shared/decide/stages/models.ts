import type { Workload } from "../../policy/schema/workload.ts";
import type { Context } from "../context.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";
import { type NodesForModels, nodesForModels } from "../placement/nodes-for-models.ts";

/** Placement depends on the policy alone, so it is worked out once for each workload of a policy. */
const placed = new WeakMap<Workload, NodesForModels>();

function placementOf(workload: Workload): NodesForModels {
  const known = placed.get(workload);
  if (known !== undefined) return known;
  const fresh = nodesForModels(workload.models, workload.gpu);
  placed.set(workload, fresh);
  return fresh;
}

/**
 * The nodes that hold all the workload's models with the VRAM headroom kept are a floor for as long as there are nodes at
 * all: a size of zero that demand asks for stays zero. A model that fits no card forbids growing, for more cards do not help.
 */
export function models(draft: Draft, context: Context): Step {
  const { workload, size } = context;
  if (workload.models.length === 0) return unaffected(draft, "the policy lists no models");
  const placement = placementOf(workload);
  if (placement.kind === "memoryUnknown")
    return unaffected(draft, "gpu.memory is not stated, so nothing can be placed");
  if (placement.kind === "doesNotFit") {
    const names = placement.models.map((m) => m.name).join(", ");
    const detail = `${names} fits no card of this kind with the headroom kept; more nodes would not help`;
    const blocks = { ...draft.blocks, scaleUp: { reason: "ModelDoesNotFit", detail } as const };
    const want = Math.min(draft.want, size.desired);
    return { draft: { ...draft, want, blocks }, reason: "ModelDoesNotFit", detail };
  }
  const { nodes } = placement;
  const detail = `${workload.models.length} models need ${nodes} ${nodes === 1 ? "node" : "nodes"} with the headroom kept`;
  if (draft.want === 0 || draft.want >= nodes) return unaffected(draft, detail);
  return { draft: { ...draft, want: nodes }, reason: "ModelsNeedRoom", detail };
}
