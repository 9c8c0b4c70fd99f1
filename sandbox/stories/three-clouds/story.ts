import type { Claim, Happened, Story } from "../../story.ts";
import { alert, asked, changesOf, decision, line, queueAbove, queueBelow, ready, sizesWere } from "../look.ts";

const WORKLOAD = "worker-llm";
const [EKS, GKE, AKS] = ["on-eks", "on-gke", "on-aks"] as const;

/** The first cloud has no such node, the second no quota for it, and the third serves. */
export const threeClouds = (): Story => ({
  policy: new URL("policy.yaml", import.meta.url),
  workload: WORKLOAD,
  demand: (elapsed) => (elapsed < 60 ? 0 : 0.5),
  steps: [
    {
      expected: "the queue rises above 50",
      within: 300,
      act({ system }) {
        system.clouds.pool(EKS).limit(0, "capacity");
        system.clouds.pool(GKE).limit(0, "quota");
      },
      look: queueAbove(WORKLOAD, 50),
    },
    { expected: "the alert fires and is accepted", within: 240, look: alert("firing", "LLMQueueBuildup") },
    { expected: "vramp decides 0 → 2", within: 120, look: decision(WORKLOAD, 0, 2) },
    { expected: "EKS is asked for 2 nodes", within: 120, look: asked(EKS, 2, "start") },
    {
      expected: "EC2 has no such instance to give",
      within: 120,
      look: ({ system }) => told("EC2", system.clouds.eks?.pools[0]?.nodeGroup.group.trouble?.message),
    },
    { expected: "GKE is asked for 2 nodes", within: 300, look: asked(GKE, 2) },
    {
      expected: "Compute Engine reports the quota",
      within: 120,
      look: ({ system }) => told("GCE", system.clouds.gke?.errors()[0]?.message),
    },
    { expected: "AKS is asked for 2 nodes", within: 300, look: asked(AKS, 2) },
    {
      expected: "AKS serves, and the others are asked for nothing",
      within: 600,
      look: ready({ [EKS]: 0, [GKE]: 0, [AKS]: 2 }),
    },
    { expected: "the queue drains below 10", within: 1800, look: queueBelow(WORKLOAD, 10) },
    { expected: "the alert resolves", within: 120, look: alert("resolved", "LLMQueueBuildup") },
  ],
  proof: (happened) => [inOrder(happened), onlyTheThird(happened), sizesWere(happened, WORKLOAD, [0, 2])],
});

const told = (who: string, message: string | undefined): readonly string[] | null =>
  message === undefined ? null : [line(who, message)];

/** Each cloud accepted two nodes, one after the other, and the first two gave none. */
function inOrder(happened: Happened): Claim {
  const first = [EKS, GKE, AKS].map(
    (pool) => changesOf(happened, pool).find(({ nodes }) => nodes === 2)?.at ?? Number.NaN,
  );
  const [eks = Number.NaN, gke = Number.NaN, aks = Number.NaN] = first;
  return {
    says: "EKS, GKE and AKS were asked for two nodes, in the policy's order",
    wrong: eks < gke && gke < aks ? null : `they were asked at ${first.join(", ")} s`,
  };
}

function onlyTheThird({ system }: Happened): Claim {
  const nodes = [EKS, GKE, AKS].map((name) => system.clouds.pool(name).ready().length);
  const secure = system.clouds.aks?.aks.url.startsWith("https://") === true;
  return {
    says: "only AKS has nodes, two of them, asked for over TLS",
    wrong: nodes.join(" ") === "0 0 2" && secure ? null : `EKS, GKE and AKS have ${nodes.join(", ")} ready nodes`,
  };
}
