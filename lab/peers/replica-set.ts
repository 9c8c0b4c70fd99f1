import type { NodeSight } from "../world/controller.ts";

/** One pod for each node, as a ReplicaSet and the scheduler keep them. */
export interface ReplicaSet {
  /** Has so many pods on these nodes, oldest first, and tells which nodes have one. */
  readonly place: (pods: number, nodes: readonly NodeSight[]) => ReadonlySet<string>;
}

/** Pods that go are those that never found a node, then the newest; pods that come take a free ready node. */
export function createReplicaSet(): ReplicaSet {
  let bound: string[] = [];
  return {
    place: (pods, nodes) => {
      const ready = nodes.filter((node) => node.phase === "ready");
      const there = new Set(ready.map((node) => node.id));
      bound = bound.filter((id) => there.has(id)).slice(0, pods);
      const taken = new Set(bound);
      for (const node of ready) {
        if (bound.length >= pods) break;
        if (taken.has(node.id) || node.noticed) continue;
        bound.push(node.id);
        taken.add(node.id);
      }
      return taken;
    },
  };
}
