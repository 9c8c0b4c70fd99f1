import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EVENT_MAX_AGE } from "../functions/interruptions/limits.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { CloudEvents, hearsEvents } from "./events.ts";
import { FLEET, policyOf } from "./fleet.fixture.ts";
import { FUNCTION_LIMITS, FUNCTION_NAMES } from "./limits.ts";
import { VrampStack } from "./vramp-stack.ts";

const OWN = { Ref: "AWS::AccountId" };

/** The template of the events of a policy alone. */
function eventsOf(policy: Policy): Template {
  const stack = new Stack(new App(), "events");
  new CloudEvents(stack, "CloudEvents", { policy });
  return Template.fromStack(stack);
}

const ruleOf = (template: Template, source: string) =>
  Object.values(template.findResources("AWS::Events::Rule"))
    .map((rule) => rule.Properties)
    .find(({ EventPattern }) => EventPattern.source[0] === source);

/** The fleet without its workloads on EKS. */
const withoutEks = (policy: Policy): Policy => {
  const workloads = Object.entries(policy.workloads).filter(([, w]) => w.pools.every((pool) => pool.eks === undefined));
  return { ...policy, workloads: Object.fromEntries(workloads) };
};

/** What EventBridge would say of an event's fields that a pattern names: exact values, or a prefix. */
function matches(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern))
    return pattern.some((one) =>
      typeof one === "object" && one !== null && "prefix" in one
        ? String(event).startsWith(String(one.prefix))
        : event === (JSON.stringify(one) === JSON.stringify(OWN) ? "111122223333" : one),
    );
  return Object.entries(Object(pattern)).every(([key, inner]) => matches(inner, Object(event)[key]));
}

let template: Template;
beforeAll(() => {
  template = eventsOf(policyOf(FLEET));
}, 60_000);

describe("the rules", () => {
  test("ask for two kinds of events of spot instances, in the accounts and regions of the pools", () => {
    expect(ruleOf(template, "aws.ec2")?.EventPattern).toEqual({
      source: ["aws.ec2"],
      "detail-type": ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"],
      account: [OWN, "222222222222"],
      region: ["eu-central-1", "us-west-2"],
    });
  });

  test("ask for three kinds of events of groups, and of EKS's groups alone", () => {
    expect(ruleOf(template, "aws.autoscaling")?.EventPattern).toEqual({
      source: ["aws.autoscaling"],
      "detail-type": [
        "EC2 Instance Launch Successful",
        "EC2 Instance Launch Unsuccessful",
        "EC2 Instance Terminate Successful",
      ],
      account: [OWN, "222222222222"],
      region: ["eu-central-1", "us-west-2"],
      detail: { AutoScalingGroupName: [{ prefix: "eks-" }] },
    });
    template.resourceCountIs("AWS::Events::Rule", 2);
  });

  test("let through every event that the function knows, and none of another account, region or group", () => {
    const patterns = Object.values(template.findResources("AWS::Events::Rule")).map((r) => r.Properties.EventPattern);
    const passes = (event: object) => patterns.some((pattern) => matches(pattern, event));
    const events = readdirSync("test/fixtures/eventbridge").map((file): object =>
      JSON.parse(readFileSync(`test/fixtures/eventbridge/${file}`, "utf8")),
    );
    expect(events.length).toBeGreaterThan(4);
    expect(events.filter((event) => !passes(event))).toEqual([]);
    const foreign = [
      { account: "999999999999" },
      { region: "eu-north-1" },
      { "detail-type": "EC2 Instance State-change Notification" },
      { source: "my.app" },
    ];
    for (const more of foreign) expect(events.filter((event) => passes({ ...event, ...more }))).toEqual([]);
    const web = { detail: { AutoScalingGroupName: "web" } };
    expect(events.filter((event) => "source" in event && event.source === "aws.autoscaling")).toHaveLength(3);
    for (const event of events)
      if ("source" in event && event.source === "aws.autoscaling") expect(passes({ ...event, ...web })).toBe(false);
  });

  test("do not ask for spot events when there is no spot pool on EKS", () => {
    const onDemand = eventsOf(policyOf(FLEET.replaceAll("capacity: spot", "capacity: on-demand")));
    expect(ruleOf(onDemand, "aws.ec2")).toBeUndefined();
    expect(ruleOf(onDemand, "aws.autoscaling")).toBeDefined();
  });

  test("give an event up when it is too old to be worth a look, into a queue that people look at", () => {
    const { Targets } = ruleOf(template, "aws.ec2") ?? {};
    expect(Targets).toEqual([
      {
        Id: expect.any(String),
        Arn: { "Fn::GetAtt": [expect.stringMatching(/^CloudEventsQueue/), "Arn"] },
        DeadLetterConfig: { Arn: { "Fn::GetAtt": [expect.stringMatching(/^CloudEventsDeadLetters/), "Arn"] } },
        RetryPolicy: { MaximumEventAgeInSeconds: EVENT_MAX_AGE, MaximumRetryAttempts: 10 },
      },
    ]);
  });
});

describe("the queue of events", () => {
  test("takes messages from these rules alone, and from nobody without TLS", () => {
    const statements = Object.values(template.findResources("AWS::SQS::QueuePolicy")).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement,
    );
    const allowed = statements.filter(({ Effect }) => Effect === "Allow");
    expect(allowed.length).toBeGreaterThanOrEqual(4); // each rule, into the queue and into the dead letters
    for (const { Action, Condition, Principal } of allowed) {
      expect(Principal).toEqual({ Service: "events.amazonaws.com" });
      expect(Action).not.toContain("sqs:*");
      expect(Condition.ArnEquals["aws:SourceArn"]).toEqual({
        "Fn::GetAtt": [expect.stringMatching(/^CloudEvents(Spot|Groups)/), "Arn"],
      });
    }
    expect(statements.filter(({ Effect }) => Effect === "Deny")).toHaveLength(2);
  });

  test("hides an event for six runs, and keeps none for longer than it is worth a look", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      VisibilityTimeout: 6 * FUNCTION_LIMITS.interruptions.timeout + 1,
      MessageRetentionPeriod: EVENT_MAX_AGE,
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue(), maxReceiveCount: Match.anyValue() },
    });
    const [queue] = Object.values(
      template.findResources("AWS::SQS::Queue", { Properties: { RedrivePolicy: Match.anyValue() } }),
    ).map(({ Properties }) => Properties);
    expect(queue?.VisibilityTimeout * queue?.RedrivePolicy.maxReceiveCount).toBeLessThan(EVENT_MAX_AGE);
  });
});

describe("the stack", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vramp-events-"));
    for (const name of FUNCTION_NAMES) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "index.mjs"), name);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has nothing that hears events where no pool is on EKS", () => {
    const policy = withoutEks(policyOf(FLEET));
    expect(Object.keys(policy.workloads)).toEqual(["elsewhere"]);
    expect(hearsEvents(policy)).toBe(false);
    const stack = Template.fromStack(new VrampStack(new App(), "vramp-test", { policy, bundles: folder }));
    stack.resourceCountIs("AWS::Events::Rule", 0);
    const functions = Object.keys(stack.findResources("AWS::Lambda::Function"));
    expect(functions.filter((id) => id.startsWith("Interruptions"))).toEqual([]);
  }, 60_000);
});
