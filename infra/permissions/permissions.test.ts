import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { expect, test } from "vitest";
import { FLEET, policyOf } from "../fleet.fixture.ts";
import { PolicyRefused } from "../policy.ts";
import { toStatement } from "./grant.ts";
import { takeIdentities } from "./identities.ts";
import { readPools, removeNodes, resizePools } from "./pools.ts";
import { readSources } from "./sources.ts";

const BARE = `
version: 1
fleet: bare
sources: { prom: { prometheus: { url: "https://prometheus.example.com" } } }
signals: { queue: { source: prom, query: q, maxAge: 90s } }
workloads:
`;
const workload = (name: string, pool: string) => `
  ${name}:
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 1, max: 4 }
    pools: [{ name: ${name}, capacity: on-demand, ${pool} }]
    targets: [{ signal: queue, perNode: 50 }]
`;

test("a fleet on other clouds, with a Prometheus of its own, may do nothing on AWS", () => {
  const gke = workload("gke", "gke: { project: ml, location: europe-west4-a, cluster: prod, nodePool: rl }");
  const aks = workload(
    "aks",
    "aks: { subscription: 00000000-0000-0000-0000-000000000000, resourceGroup: g, cluster: c, agentPool: gpu }",
  );
  const policy = policyOf(BARE + gke + aks);
  expect([
    ...readPools(policy),
    ...resizePools(policy),
    ...removeNodes(policy),
    ...readSources(policy),
    ...takeIdentities(policy),
  ]).toEqual([]);
});

test("nodes may be removed from the node groups that may be resized, each with its own cluster, and from no other", () => {
  const more = workload("one", "eks: { region: eu-central-1, cluster: prod, nodegroup: one }");
  const other = workload("two", "eks: { region: eu-central-1, cluster: test, nodegroup: llm-spot }");
  const grants = removeNodes(policyOf(FLEET + more + other));
  const tags = grants.flatMap(({ actions, when }) =>
    actions.includes("autoscaling:TerminateInstanceInAutoScalingGroup") ? [when?.StringEquals] : [],
  );
  expect(tags).toEqual([
    { "aws:ResourceTag/eks:cluster-name": "prod", "aws:ResourceTag/eks:nodegroup-name": ["llm-spot", "one"] },
    { "aws:ResourceTag/eks:cluster-name": "test", "aws:ResourceTag/eks:nodegroup-name": ["llm-spot"] },
  ]);
  expect(removeNodes(policyOf(FLEET.replace("fleet: test", "fleet: test\nmode: observe")))).toEqual([]);
});

test("a fleet in observe mode may resize nothing, but for the workload that is enforced", () => {
  const observed = policyOf(FLEET.replace("fleet: test", "fleet: test\nmode: observe"));
  expect(resizePools(observed)).toEqual([]);
  const one = policyOf(
    FLEET.replace("fleet: test", "fleet: test\nmode: observe").replace(
      "mode: observe\n    gpu",
      "mode: enforce\n    gpu",
    ),
  );
  expect(resizePools(one).flatMap((grant) => ("resources" in grant ? grant.resources : []))).toEqual([
    expect.stringMatching(/nodegroup\/prod\/watched\/\*$/),
  ]);
});

test("a signed Prometheus whose address names no workspace is refused, with what to write", () => {
  const proxied = policyOf(FLEET.replace("/workspaces/ws-1a2b", ""));
  expect(() => readSources(proxied)).toThrow(PolicyRefused);
  expect(() => readSources(proxied)).toThrow(/names no workspace.*\/workspaces\/ws-/);
});

test("a signed Prometheus behind a role takes the role, and no workspace of this account", () => {
  const role = "arn:aws:iam::222222222222:role/prom";
  const policy = policyOf(
    FLEET.replace("sigv4: { region: eu-west-1 }", `sigv4: { region: eu-west-1, roleArn: "${role}" }`),
  );
  expect(readSources(policy).map((grant) => grant.sid)).not.toContain("QueryPrometheus");
  expect(takeIdentities(policy)).toContainEqual(expect.objectContaining({ resources: [role] }));
});

/** What IAM allows in characters, white space not counted: a role's inline policies together, and one managed policy. */
const IAM_LIMITS = { "AWS::IAM::Policy": 10_240, "AWS::IAM::ManagedPolicy": 6_144 } as const;

test("60 node groups fit into what IAM takes", () => {
  const eks = (i: number) =>
    `eks: { region: ap-southeast-2, cluster: a-cluster-name-of-28-letters, nodegroup: gpu-node-group-${i} }`;
  const policy = policyOf(BARE + Array.from({ length: 60 }, (_, i) => workload(`w${i}`, eks(i))).join(""));
  const stack = new Stack(new App(), "large");
  const role = new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  for (const grant of [...readPools(policy), ...resizePools(policy), ...removeNodes(policy)])
    role.addToPolicy(toStatement(grant));
  const template = Template.fromStack(stack);
  const sizes = Object.entries(IAM_LIMITS).map(([type, limit]) =>
    Object.values(template.findResources(type)).map((found) => {
      const text = JSON.stringify(found.Properties.PolicyDocument)
        .replaceAll(
          /\{"Fn::Join":\["",\[(.*?)\]\]\}/g,
          (_, parts) => `"${parts.replaceAll('","', "").replaceAll('"', "")}"`,
        )
        .replaceAll(/,?\{Ref:AWS::(Partition|AccountId)\},?/g, (_, what) =>
          what === "Partition" ? "aws" : "111122223333",
        );
      return { limit, size: text.length };
    }),
  );
  expect(sizes.flat().length).toBeGreaterThan(1);
  expect(sizes.flat().filter(({ limit, size }) => size > limit)).toEqual([]);
}, 60_000);
