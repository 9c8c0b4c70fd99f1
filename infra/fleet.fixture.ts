// A fleet with one of everything that permissions depend on.
import { loadPolicy } from "../shared/policy/load.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";

// CDK's own check of a template takes five seconds of CPU, each time; operations.test.ts asks for it once.
process.env.CDK_VALIDATION = "false";

export const FLEET = `
version: 1
fleet: test
sources:
  prom: { prometheus: { url: "https://prometheus.example.com", auth: { bearer: { tokenSecret: prom/token } } } }
  amp: { prometheus: { url: "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1a2b", auth: { sigv4: { region: eu-west-1 } } } }
  aws: { cloudwatch: { region: eu-central-1 } }
  theirs: { cloudwatch: { region: eu-north-1, roleArn: "arn:aws:iam::222222222222:role/metrics" } }
signals:
  queue: { source: prom, query: 'sum(llm_queue_length)', maxAge: 90s }
workloads:
  scaled:
    gpu: { model: A100-40GB, perNode: 8, memory: 40Gi }
    nodes: { min: 1, max: 6 }
    pools:
      - { name: spot, capacity: spot, eks: { region: eu-central-1, cluster: prod, nodegroup: llm-spot } }
      - { name: theirs, capacity: on-demand, eks: { region: us-west-2, cluster: far, nodegroup: llm, roleArn: "arn:aws:iam::222222222222:role/pools", externalId: x-1 } }
    targets: [{ signal: queue, perNode: 50 }]
  observed:
    mode: observe
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 1, max: 4 }
    pools:
      - { name: watched, capacity: on-demand, eks: { region: eu-central-1, cluster: prod, nodegroup: watched } }
    targets: [{ signal: queue, perNode: 50 }]
  elsewhere:
    gpu: { model: V100-16GB, perNode: 1, memory: 16Gi }
    nodes: { min: 1, max: 4 }
    pools:
      - { name: aks, capacity: spot, aks: { subscription: 00000000-0000-0000-0000-000000000000, resourceGroup: g, cluster: c, agentPool: gpu, federation: { tenantId: 00000000-0000-0000-0000-000000000001, clientId: 00000000-0000-0000-0000-000000000002 } } }
      - { name: gke, capacity: spot, gke: { project: ml, location: europe-west4-a, cluster: prod, nodePool: rl } }
    targets: [{ signal: queue, perNode: 50 }]
`;

/** A policy's text as its functions see it. */
export function policyOf(text: string): Policy {
  const loaded = loadPolicy(text, "fleet.yaml");
  if (loaded.ok) return loaded.policy;
  throw new Error(loaded.issues.map((issue) => `${issue.line}: ${issue.message}`).join("\n"));
}
