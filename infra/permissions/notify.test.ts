import { rmSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { loadPolicy } from "../../shared/policy/load.ts";
import { FLEET, policyOf } from "../fleet.fixture.ts";
import { list, render, standInBundles } from "../template.fixture.ts";
import { VrampStack } from "../vramp-stack.ts";
import { tellPeople } from "./notify.ts";

const TOPIC = "arn:aws:sns:eu-central-1:111122223333:gpu";
const NOTIFY = `
notify:
  - { slack: { webhookUrlSecret: vramp/slack }, on: [scaled, blocked, failed] }
  - { sns: { topicArn: "${TOPIC}" }, on: [failed] }
  - { sns: { topicArn: "${TOPIC}" }, on: [scaled] }
`;

test("a policy that names nobody to tell grants nothing for it", () => {
  expect(tellPeople(policyOf(FLEET))).toEqual([]);
});

test("reconcile alone may publish, to the policy's very topics, and read its webhooks' secrets [T16]", () => {
  const bundles = standInBundles();
  const stack = new VrampStack(new App(), "vramp-test", { policy: policyOf(FLEET + NOTIFY), bundles });
  const policies = Object.entries(Template.fromStack(stack).findResources("AWS::IAM::Policy"));
  rmSync(bundles, { recursive: true });
  const granted = policies.flatMap(([id, { Properties }]) =>
    Properties.PolicyDocument.Statement.flatMap((s: { Action: unknown; Resource: unknown }) =>
      list(s.Resource).flatMap((resource) => {
        const text = `${list(s.Action).join(" ")} on ${render(resource)}`;
        return /sns:Publish|secret:vramp\/slack/.test(text) ? [`${id.replace(/Role.*/, "")}: ${text}`] : [];
      }),
    ),
  );
  expect(granted.toSorted()).toEqual([
    "Reconcile: secretsmanager:GetSecretValue on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:vramp/slack-??????",
    `Reconcile: sns:Publish on ${TOPIC}`,
  ]);
}, 60_000);

test.each([
  "arn:aws:sns:eu-central-1:111122223333:*",
  "arn:aws:sns:*:*:gpu",
  "arn:aws:sqs:eu-central-1:111122223333:gpu",
  "arn:aws:sns:eu-central-1:111122223333:gpu:subscription",
  "gpu",
])("a topic that is not one whole topic is refused, because it would become a permission: %s [T16]", (topic) => {
  const loaded = loadPolicy(FLEET + NOTIFY.replaceAll(TOPIC, topic), "fleet.yaml");
  expect(loaded).toMatchObject({ ok: false });
  expect(loaded.ok ? [] : loaded.issues.map(({ message, why }) => `${message} ${why}`).join()).toContain("topic's ARN");
});
