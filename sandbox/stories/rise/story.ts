import type { Seconds } from "../../../shared/policy/units.ts";
import type { Story } from "../../story.ts";
import { alert, asked, decision, line, percent, queueAbove, queueBelow, ready, staying } from "../look.ts";

const WORKLOAD = "worker-llm";
const POOL = "llm-a100";

/** Tasks a second: the night's trickle, a surge that one node cannot serve, and quiet again. */
function surge(elapsed: Seconds): number {
  if (elapsed < 60) return 0.6;
  return elapsed < 14 * 60 ? 2.2 : 0.6;
}

/** An alert fires, a node group grows, the queue drains, and the node group comes back down. */
export function rise(): Story {
  let lowestVram = 1;
  return {
    policy: new URL("../../policy.yaml", import.meta.url),
    workload: WORKLOAD,
    demand: surge,
    watch({ system }) {
      lowestVram = Math.min(lowestVram, system.fleet(WORKLOAD).vramFree);
    },
    steps: [
      { expected: "the queue rises above 50", within: 300, look: queueAbove(WORKLOAD, 50) },
      { expected: "the alert fires and is accepted", within: 240, look: alert("firing", "LLMQueueBuildup") },
      { expected: "vramp decides 1 → 3", within: 120, look: decision(WORKLOAD, 1, 3) },
      { expected: "EKS accepts the resize to 3", within: 120, look: asked(POOL, 3, "start") },
      { expected: "three nodes are ready", within: 420, look: ready({ [POOL]: 3 }) },
      {
        expected: "VRAM headroom recovers to 20 % or more",
        within: 600,
        look({ system }) {
          const { vramFree } = system.fleet(WORKLOAD);
          return lowestVram < 0.2 && vramFree >= 0.2
            ? [line("headroom", `VRAM ${percent(vramFree)} free again, it was down to ${percent(lowestVram)}`)]
            : null;
        },
      },
      { expected: "the queue drains below 10", within: 900, look: queueBelow(WORKLOAD, 10) },
      { expected: "the alert resolves", within: 120, look: alert("resolved", "LLMQueueBuildup") },
      { expected: "vramp keeps the nodes for now", within: 120, look: staying(WORKLOAD, 3) },
      { expected: "vramp decides 3 → 1", within: 2400, look: decision(WORKLOAD, 3, 1) },
      { expected: "EKS accepts the resize to 1", within: 120, look: asked(POOL, 1, "start") },
      { expected: "one node is left", within: 420, look: ready({ [POOL]: 1 }) },
    ],
  };
}
