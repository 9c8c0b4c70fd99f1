import { readFileSync, rmSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MEMORY_TABLE, TTL_ATTRIBUTE } from "../shared/memory/table.ts";
import { LEASE_TTL } from "../shared/reconcile/limits.ts";
import { FLEET, policyOf } from "./fleet.fixture.ts";
import { FUNCTION_NAMES, type FunctionName } from "./limits.ts";
import { list, render, standInBundles } from "./template.fixture.ts";
import { VrampStack } from "./vramp-stack.ts";

let folder: string;
let template: Template;

beforeAll(() => {
  folder = standInBundles();
  template = Template.fromStack(new VrampStack(new App(), "vramp-test", { policy: policyOf(FLEET), bundles: folder }));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every statement of the roles whose id starts so: the actions, the resources and, if any, the condition. */
function allowed(prefix: string): Readonly<Record<string, string>> {
  const policies = Object.entries(template.findResources("AWS::IAM::Policy")).filter(([id]) => id.startsWith(prefix));
  const statements = policies.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
  return Object.fromEntries(
    statements.map((s) => {
      const when = s.Condition === undefined ? "" : ` if ${JSON.stringify(s.Condition)}`;
      return [s.Sid, `${list(s.Action).join(" ")} on ${list(s.Resource).map(render).join(" ")}${when}`];
    }),
  );
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

function lambdaOf(name: FunctionName) {
  const found = Object.entries(template.findResources("AWS::Lambda::Function")).filter(([id]) =>
    id.startsWith(`${capital(name)}Function`),
  );
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties;
}

const EKS = "arn:<AWS::Partition>:eks:eu-central-1:<AWS::AccountId>";
const SPOT = `${EKS}:nodegroup/prod/llm-spot/*`;
const WATCHED = `${EKS}:nodegroup/prod/watched/*`;

const LOOKING = {
  Remember: "dynamodb:GetItem dynamodb:PutItem dynamodb:Query on <Memory.Arn>",
  ReadNodeGroups: `eks:DescribeNodegroup eks:DescribeUpdate on ${SPOT} ${WATCHED}`,
  ReadUpdates: `eks:DescribeUpdate on ${EKS}:cluster/prod`,
  // Auto Scaling and CloudWatch know no ARNs for these.
  ReadScalingGroups:
    'autoscaling:DescribeAutoScalingGroups autoscaling:DescribeScalingActivities on * if {"StringEquals":{"aws:RequestedRegion":["eu-central-1"]}}',
  ReadMetrics: 'cloudwatch:GetMetricData on * if {"StringEquals":{"aws:RequestedRegion":["eu-central-1"]}}',
  ReadSecrets:
    "secretsmanager:GetSecretValue on arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:prom/token-??????",
  QueryPrometheus: "aps:QueryMetrics on arn:<AWS::Partition>:aps:eu-west-1:<AWS::AccountId>:workspace/ws-1a2b",
  AssumeRole1: 'sts:AssumeRole on arn:aws:iam::222222222222:role/pools if {"StringEquals":{"sts:ExternalId":"x-1"}}',
  AssumeRole2: "sts:AssumeRole on arn:aws:iam::222222222222:role/metrics",
  // About the caller itself, for Azure's eyes only.
  TokenForAzure:
    'sts:GetWebIdentityToken on * if {"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"api://AzureADTokenExchange"},"NumericLessThanEquals":{"sts:DurationSeconds":"300"}}',
};
const logs = (name: FunctionName) => ({
  WriteLogs: `logs:CreateLogStream logs:PutLogEvents on <${capital(name)}Log.Arn>`,
});
const SEND = { SendWakes: "sqs:SendMessage on <Wakes.Arn>" };

const ALLOWED: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  alerts: { ...SEND, ReadTokens: "secretsmanager:GetSecretValue on <AlertTokens>", ...logs("alerts") },
  tick: { ...SEND, ...logs("tick") },
  invoke: {
    ...SEND,
    ...LOOKING,
    ForgetRequests:
      'dynamodb:DeleteItem on <Memory.Arn> if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["request#*"]}}',
    ...logs("invoke"),
  },
  reconcile: {
    ReceiveWakes:
      "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:ChangeMessageVisibility on <Wakes.Arn>",
    ...LOOKING,
    UpdateInPlace:
      'dynamodb:UpdateItem on <Memory.Arn> if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["lease#*","fleet#*"]}}',
    ReadStop: "ssm:GetParameter on arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter<Stop>",
    // Neither the observed workload's pool nor the one behind a role.
    ResizeNodeGroups: `eks:UpdateNodegroupConfig on ${SPOT}`,
    FindNodes:
      'autoscaling:DescribeAutoScalingInstances on * if {"StringEquals":{"aws:RequestedRegion":["eu-central-1"]}}',
    RemoveNodes:
      "autoscaling:TerminateInstanceInAutoScalingGroup on arn:<AWS::Partition>:autoscaling:eu-central-1:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/eks-*" +
      ' if {"StringEquals":{"aws:ResourceTag/eks:cluster-name":"prod","aws:ResourceTag/eks:nodegroup-name":["llm-spot"]}}',
    ...logs("reconcile"),
  },
  interruptions: {
    ReceiveEvents: "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes on <CloudEventsQueue.Arn>",
    ...SEND,
    NoteNotices:
      'dynamodb:GetItem dynamodb:PutItem on <Memory.Arn> if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["workload#*"]}}',
    ...logs("interruptions"),
  },
  canary: { ReadTokens: "secretsmanager:GetSecretValue on <AlertTokens>", ...logs("canary") },
};

describe("what each role may do", () => {
  test.each(FUNCTION_NAMES)("%s may do this and nothing else [T16]", (name) => {
    const role = template.findResources("AWS::IAM::Role");
    const [own] = Object.entries(role).filter(([id]) => id.startsWith(`${capital(name)}Role`));
    expect(own?.[1].Properties.ManagedPolicyArns).toBeUndefined();
    expect(render(lambdaOf(name).Role)).toBe(`<${capital(name)}Role.Arn>`);
    expect(allowed(`${capital(name)}Role`)).toEqual(ALLOWED[name]);
  });

  test("alerts, which faces the internet, reaches neither the clouds nor the memory [T16]", () => {
    expect(JSON.stringify(allowed("AlertsRole"))).not.toMatch(/eks:|autoscaling:|dynamodb:|sts:|cloudwatch:/);
  });

  test("is told, action by action, in docs/deploy.md", () => {
    const told = readFileSync(new URL("../docs/deploy.md", import.meta.url), "utf8");
    const allowances = FUNCTION_NAMES.flatMap((name) => Object.values(ALLOWED[name]));
    const actions = allowances.flatMap((text) => text.replace(/ on .*/, "").split(" "));
    expect(actions).toContain("eks:UpdateNodegroupConfig");
    expect(actions.filter((action) => !told.includes(`\`${action}\``))).toEqual([]);
  });

  test("nobody may pass a role, and no action is a wildcard [T16]", () => {
    const actions = Object.values(template.findResources("AWS::IAM::Policy")).flatMap((policy) =>
      policy.Properties.PolicyDocument.Statement.flatMap((s: { Action: unknown }) => list(s.Action)),
    );
    expect(actions.length).toBeGreaterThan(10);
    expect(actions.filter((action) => /\*|PassRole/.test(action))).toEqual([]);
  });

  test.each([
    ["EveryMinute", "Tick"],
    ["EveryHour", "Canary"],
  ])("the schedule %s may call %s, for this fleet's schedules only [T19]", (schedule, name) => {
    expect(allowed(`${schedule}Role`)).toEqual({ CallFunction: `lambda:InvokeFunction on <${name}Function.Arn>` });
    template.hasResourceProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: "scheduler.amazonaws.com" },
            Condition: {
              StringEquals: {
                "aws:SourceAccount": { Ref: "AWS::AccountId" },
                "aws:SourceArn": { "Fn::GetAtt": [Match.stringLikeRegexp(`${schedule}Group`), "Arn"] },
              },
            },
          },
        ],
      },
    });
  });
});

describe("the alerts API", () => {
  test("offers POST /alerts and nothing else", () => {
    const methods = Object.values(template.findResources("AWS::ApiGateway::Method"));
    expect(methods.map((m) => [m.Properties.HttpMethod, m.Properties.Integration.Type])).toEqual([
      ["POST", "AWS_PROXY"],
    ]);
    template.hasResourceProperties("AWS::ApiGateway::Resource", { PathPart: "alerts" });
  });

  test("answers 503 where trying again may help, throttling first of all, and nowhere 429 or a redirect [F6] [F8]", () => {
    const responses = Object.values(template.findResources("AWS::ApiGateway::GatewayResponse")).map(
      (r) => r.Properties,
    );
    const status = Object.fromEntries(responses.map((r) => [r.ResponseType, r.StatusCode]));
    expect(status).toEqual({
      THROTTLED: "503",
      QUOTA_EXCEEDED: "503",
      INTEGRATION_FAILURE: "503",
      INTEGRATION_TIMEOUT: "503",
      DEFAULT_5XX: "503",
      MISSING_AUTHENTICATION_TOKEN: "404",
    });
    const throttled = responses.find((r) => r.ResponseType === "THROTTLED");
    expect(throttled?.ResponseParameters).toEqual({ "gatewayresponse.header.Retry-After": "'5'" });
  });

  test("is throttled, and logs who was refused and why, but no header and no body", () => {
    const [stage] = Object.values(template.findResources("AWS::ApiGateway::Stage")).map((r) => r.Properties);
    expect(stage?.MethodSettings).toEqual([
      expect.objectContaining({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, DataTraceEnabled: false }),
    ]);
    expect(stage?.AccessLogSetting.Format).toContain("$context.error.responseType");
    expect(stage?.AccessLogSetting.Format).not.toMatch(/authori[sz]|header|body/i);
  });
});

describe("wake-ups", () => {
  test("pass through a FIFO queue into a FIFO dead-letter queue, over TLS only [F19]", () => {
    const queues = Object.entries(template.findResources("AWS::SQS::Queue"));
    const [, wakes] = queues.find(([id]) => id.startsWith("Wakes")) ?? [];
    const [, deadLetters] = queues.find(([id]) => id.startsWith("DeadLetters")) ?? [];
    expect([wakes, deadLetters].map((queue) => queue?.Properties.FifoQueue)).toEqual([true, true]);
    expect(render(wakes?.Properties.RedrivePolicy.deadLetterTargetArn)).toBe("<DeadLetters.Arn>");
    expect(wakes?.Properties.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5);
    expect(wakes?.Properties.ContentBasedDeduplication).toBe(false);
    expect(wakes?.Properties).toMatchObject({
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
    });
    const denials = Object.values(template.findResources("AWS::SQS::QueuePolicy")).flatMap((p) =>
      p.Properties.PolicyDocument.Statement.map((s: object) => JSON.stringify(s)),
    );
    expect(denials.filter((s) => s.includes('"aws:SecureTransport":"false"') && s.includes("Deny"))).toHaveLength(
      queues.length,
    );
  });

  test("stay hidden for six runs, and live until their last delivery failed [F21]", () => {
    const [wakes] = Object.values(
      template.findResources("AWS::SQS::Queue", { Properties: { FifoQueue: true, RedrivePolicy: Match.anyValue() } }),
    ).map((q) => q.Properties);
    const hidden = wakes?.VisibilityTimeout;
    expect(hidden).toBeGreaterThanOrEqual(6 * lambdaOf("reconcile").Timeout);
    expect(wakes?.MessageRetentionPeriod).toBeGreaterThan(hidden * wakes?.RedrivePolicy.maxReceiveCount);
  });

  test("reach reconcile in batches of which single messages may fail, never more runs than it has [F20]", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: lambdaOf("reconcile").ReservedConcurrentExecutions },
    });
  });
});

describe("a cloud's events", () => {
  test("reach interruptions in batches of which single ones may fail, after a second's gathering", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^CloudEventsQueue"), "Arn"] },
      FunctionName: { Ref: Match.stringLikeRegexp("^InterruptionsFunction") },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: lambdaOf("interruptions").ReservedConcurrentExecutions },
    });
  });
});

describe("the tick", () => {
  test("comes every minute, on time, and is dropped rather than late [F22]", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 60 } },
    });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });
});

describe("the memory", () => {
  test("has the keys that the adapter uses, expires requests, and can be restored [T24]", () => {
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        ...MEMORY_TABLE,
        TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });
});

test("removing the stack leaves the memory, and the account's setting for API Gateway's logs, and nothing else [F68]", () => {
  const resources = Object.entries<{ readonly DeletionPolicy?: string }>(template.toJSON().Resources);
  const kept = resources
    .filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain")
    .map(([id]) => render({ Ref: id }));
  expect(kept.toSorted()).toEqual(["<AlertsApiAccount>", "<AlertsApiCloudWatchRole>", "<Memory>"]);
});

describe("the functions", () => {
  test.each(FUNCTION_NAMES)("%s has its runtime, a share of the concurrency and a log that ends [T30]", (name) => {
    const properties = lambdaOf(name);
    expect(properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
    expect(properties.ReservedConcurrentExecutions).toBeGreaterThan(0);
    expect(render(properties.LoggingConfig.LogGroup)).toBe(`<${capital(name)}Log>`);
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: Match.anyValue() });
  });

  test("reconcile ends before its lease does [F66]", () => {
    expect(lambdaOf("reconcile").Timeout).toBeLessThan(LEASE_TTL);
  });

  test("get names of secrets, never a secret [T18]", () => {
    const names = FUNCTION_NAMES.map((name) => Object.keys(lambdaOf(name).Environment.Variables).toSorted());
    expect(names).toEqual([
      ["VRAMP_ALERT_TOKENS_SECRET", "VRAMP_POLICY_FILE", "VRAMP_QUEUE_URL", "VRAMP_SERVICE"],
      ["VRAMP_POLICY_FILE", "VRAMP_QUEUE_URL", "VRAMP_SERVICE"],
      ["VRAMP_METRIC_HOSTS", "VRAMP_POLICY_FILE", "VRAMP_QUEUE_URL", "VRAMP_SERVICE", "VRAMP_TABLE"],
      [
        ...["VRAMP_METRIC_HOSTS", "VRAMP_POLICY_FILE", "VRAMP_QUEUE_URL", "VRAMP_SERVICE", "VRAMP_STOP_PARAMETER"],
        "VRAMP_TABLE",
      ],
      ["VRAMP_ACCOUNT", "VRAMP_POLICY_FILE", "VRAMP_QUEUE_URL", "VRAMP_SERVICE", "VRAMP_TABLE"],
      ["VRAMP_ALERTS_URL", "VRAMP_ALERT_TOKENS_SECRET", "VRAMP_POLICY_FILE", "VRAMP_SERVICE"],
    ]);
    const values = JSON.stringify(FUNCTION_NAMES.map((name) => lambdaOf(name).Environment.Variables));
    expect(values).not.toContain("resolve:secretsmanager");
    template.hasResourceProperties("AWS::SecretsManager::Secret", {
      SecretString: Match.absent(),
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    });
  });
});
