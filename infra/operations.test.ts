import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createInMemory } from "../shared/memory/in-memory.ts";
import { reconcile } from "../shared/reconcile/reconcile.ts";
import { NO_STOP } from "../shared/stop/stop.ts";
import { createPowertools } from "../shared/telemetry/powertools.ts";
import { SILENT } from "../shared/telemetry/telemetry.ts";
import { fleetOf, NOON, poolOf, steady } from "../test/support/fleet.ts";
import { FLEET, policyOf } from "./fleet.fixture.ts";
import { FUNCTION_NAMES } from "./limits.ts";
import { acknowledgeWildcards, checkByRules, openFindings } from "./nag.ts";
import { toStatement } from "./permissions/grant.ts";
import { LOGGED_MESSAGE, LOGGED_SIZES } from "./sizes.ts";
import { standInBundles } from "./template.fixture.ts";
import { VrampStack } from "./vramp-stack.ts";

const THEIRS = "arn:aws:sns:eu-central-1:111122223333:pager";

let folder: string;
let template: Template;
/** With the alarms going to a topic that is there already. */
let paged: Template;
let report: unknown;

beforeAll(() => {
  folder = standInBundles();
  const policy = policyOf(FLEET);
  paged = Template.fromStack(new VrampStack(new App(), "vramp-test", { policy, bundles: folder, alarmTopic: THEIRS }));
  vi.stubEnv("CDK_VALIDATION", "true");
  const app = new App({ outdir: join(folder, "out") });
  const stack = new VrampStack(app, "vramp-test", { policy, bundles: folder });
  checkByRules(app);
  template = Template.fromStack(stack);
  report = JSON.parse(readFileSync(join(folder, "out", "validation-report.json"), "utf8"));
  vi.unstubAllEnvs();
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const propertiesOf = (type: string, of = template) =>
  Object.fromEntries(Object.entries(of.findResources(type)).map(([id, { Properties }]) => [id, Properties]));

/** Every alarm by its name in the stack, without what CDK puts around it. */
const alarms = () =>
  Object.fromEntries(
    Object.entries(propertiesOf("AWS::CloudWatch::Alarm")).map(([id, alarm]) => [
      id.replace(/^OperationsAlarm(.*)[0-9A-F]{8}$/, "$1"),
      alarm,
    ]),
  );

describe("AWS's rules", () => {
  test("and CDK's own checks find nothing open", () => {
    expect(report).toMatchObject({ pluginReports: [] });
  });

  test("make a synthesis fail that breaks one", () => {
    const app = new App();
    new Topic(new Stack(app, "open"), "InTheClear");
    checkByRules(app);
    expect(() => app.synth()).toThrow(/validation-report/);
  });

  test("find a wildcard for which no reason is given, and only that one", () => {
    const stack = new Stack(new App(), "open");
    const role = new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const grants = [
      { sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::bucket/*"] },
      { sid: "Look", actions: ["eks:ListClusters"], everything: "EKS has no resource for it" },
    ];
    for (const grant of grants) role.addToPolicy(toStatement(grant));
    acknowledgeWildcards(role, grants);
    expect(openFindings(stack)).toEqual([
      expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:aws:s3:::bucket\/\*\]/),
    ]);
  });
});

describe("alarms", () => {
  test("watch every function, the ways of wake-ups and alerts, the resizes and the signals", () => {
    const runs = FUNCTION_NAMES.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
    expect(Object.keys(alarms()).toSorted()).toEqual(
      [
        ...runs.flatMap((name) => [`${name}Errors`, `${name}Throttles`]),
        ...["TickMissing", "QueueAge", "DeadLetters", "CanaryMissing", "AlertsNotAccepted", "AlertsUnauthorized"],
        ...["ResizeRefused", "ResizeFailing", "Stopped", "BudgetReached", "SignalsStale"],
      ].toSorted(),
    );
  });

  test("say what they mean and what to do, here and in docs/operations.md", () => {
    const told = readFileSync(new URL("../docs/operations.md", import.meta.url), "utf8");
    for (const [name, { AlarmDescription }] of Object.entries(alarms())) {
      const text = JSON.stringify(AlarmDescription);
      expect(text).toMatch(/\S\. To do: \w/);
      expect(text.length).toBeLessThan(1024); // CloudWatch's limit
      if (!/(Errors|Throttles)$/.test(name)) expect(told).toContain(`\`${name}\``);
    }
  });

  test("of what must be heard, and of nothing else, take silence for a failure", () => {
    const dead = Object.entries(alarms()).filter(([, { TreatMissingData }]) => TreatMissingData === "breaching");
    expect(dead.map(([name]) => name).toSorted()).toEqual(["CanaryMissing", "TickMissing"]);
    for (const [, { ComparisonOperator, Threshold }] of dead)
      expect([ComparisonOperator, Threshold]).toEqual(["LessThanThreshold", 1]);
  });

  test("watch every dead-letter queue, and tell how to empty it", () => {
    const { DeadLetters } = alarms();
    const queues = Object.keys(propertiesOf("AWS::SQS::Queue")).filter((id) => id.includes("DeadLetters"));
    expect(queues).toHaveLength(2);
    for (const id of queues) {
      expect(JSON.stringify(DeadLetters.Metrics)).toContain(id);
      expect(JSON.stringify(DeadLetters.AlarmDescription)).toContain(id);
    }
    expect(JSON.stringify(DeadLetters.AlarmDescription)).toContain("start-message-move-task");
  });

  test("look at counts under the very dimensions that the functions count with", () => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
    createPowertools("vramp-test").count("ResizeFailures", 1, "Forbidden");
    vi.restoreAllMocks();
    const { _aws, service, reason } = JSON.parse(lines.join(""));
    const [{ Namespace, Dimensions }] = _aws.CloudWatchMetrics;
    const watched = Object.values(alarms())
      .flatMap(({ Metrics = [] }) => Metrics.map((m: { MetricStat?: { Metric: object } }) => m.MetricStat?.Metric))
      .filter((metric) => metric?.Namespace === Namespace);
    expect(watched.length).toBeGreaterThan(10);
    for (const { Dimensions: watchedBy } of watched) {
      expect(watchedBy.map(({ Name }: { Name: string }) => Name).toSorted()).toEqual(Dimensions[0].toSorted());
      expect(watchedBy).toContainEqual({ Name: "service", Value: service });
    }
    expect(watched).toContainEqual(
      expect.objectContaining({
        MetricName: "ResizeFailures",
        Dimensions: expect.arrayContaining([{ Name: "reason", Value: reason }]),
      }),
    );
  });

  test("go to an encrypted topic, over TLS, to which only this account's alarms may publish", () => {
    const [[topic, { KmsMasterKeyId }] = ["", {}]] = Object.entries(propertiesOf("AWS::SNS::Topic"));
    for (const { AlarmActions, OKActions } of Object.values(alarms()))
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
    const [[key, { EnableKeyRotation, KeyPolicy }] = ["", {}]] = Object.entries(propertiesOf("AWS::KMS::Key"));
    expect(KmsMasterKeyId).toEqual({ "Fn::GetAtt": [key, "Arn"] });
    expect(EnableKeyRotation).toBe(true);
    const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
    expect(KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({ Principal: CLOUDWATCH, Action: ["kms:Decrypt", "kms:GenerateDataKey"] }),
    );
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: [
          { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
          { Principal: CLOUDWATCH, Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } } },
        ],
      },
    });
  });

  test("go to a topic that is named instead, and then there is no other, and no key", () => {
    for (const { AlarmActions } of Object.values(propertiesOf("AWS::CloudWatch::Alarm", paged)))
      expect(AlarmActions).toEqual([THEIRS]);
    paged.resourceCountIs("AWS::SNS::Topic", 0);
    paged.resourceCountIs("AWS::KMS::Key", 0);
  });
});

describe("the canary", () => {
  test("posts every hour to the stack's own address", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(1 hour)",
      Target: { Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^CanaryFunction"), "Arn"] } },
    });
    const environments = Object.values(propertiesOf("AWS::Lambda::Function")).map((f) => f.Environment.Variables);
    const [url] = environments.flatMap(({ VRAMP_ALERTS_URL }) => VRAMP_ALERTS_URL ?? []);
    expect(url).toEqual(template.findOutputs("AlertsUrl").AlertsUrl?.Value);
  });
});

describe("the fleet's stop", () => {
  test("is a parameter of its own, clear at first, and takes true and false only", () => {
    template.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/vramp/test/stop",
      Type: "String",
      Value: "false",
      AllowedPattern: "^(true|false)$",
    });
  });
});

describe("sizes", () => {
  test("are taken from the line that every look logs", async () => {
    const logged: unknown[] = [];
    const seen = poolOf(1);
    if (seen.kind !== "seen") throw new Error("not seen");
    await reconcile(
      { workload: "llm", trigger: "tick", cause: "tick", at: NOON, key: "k" },
      {
        policy: async () => ({ policy: fleetOf(), revision: "r" }),
        sources: { open: async () => ({ fetch: async () => steady(30, NOON) }) },
        pools: {
          observe: async () => seen.state,
          resize: async (pool) => ({ pool: pool.name, token: "t" }),
          remove: async (pool) => ({ pool: pool.name, token: "t" }),
          poll: async () => ({ kind: "succeeded" }),
        },
        memory: createInMemory(),
        telemetry: { ...SILENT, info: (...line) => void logged.push(line) },
        clock: () => NOON,
        stop: NO_STOP,
        newId: () => "id",
      },
    );
    const numbers = Object.fromEntries(Object.keys(LOGGED_SIZES).map((field) => [field, expect.any(Number)]));
    expect(logged).toContainEqual([LOGGED_MESSAGE, expect.objectContaining({ ...numbers, workload: "llm" })]);
  });

  test("become metrics of the fleet, by workload, through a pattern that matches what it takes", () => {
    const filters = Object.values(propertiesOf("AWS::Logs::MetricFilter"));
    expect(filters).toHaveLength(Object.keys(LOGGED_SIZES).length);
    for (const { FilterPattern, MetricTransformations } of filters) {
      const [{ MetricNamespace, MetricValue, Dimensions }] = MetricTransformations;
      expect(MetricNamespace).toBe("vramp/test");
      expect(FilterPattern).toContain(`${MetricValue} = *`);
      expect(Dimensions).toEqual([{ Key: "workload", Value: "$.workload" }]);
    }
  });
});

test("the dashboard and the functions go by the stack's own name, so that another fleet's counts are not taken for its own", () => {
  const other = new VrampStack(new App(), "vramp-other", { policy: policyOf(FLEET), bundles: folder });
  const others = Template.fromStack(other);
  for (const [of, service] of [
    [template, "vramp-test"],
    [others, "vramp-other"],
  ] as const) {
    const [{ DashboardBody }] = Object.values(propertiesOf("AWS::CloudWatch::Dashboard", of));
    const asked = [...JSON.stringify(DashboardBody).matchAll(/service=\W*([\w-]+)/g)].map(([, name]) => name);
    expect([...new Set(asked)]).toEqual([service]);
    for (const { Environment } of Object.values(propertiesOf("AWS::Lambda::Function", of)))
      expect(Environment.Variables.VRAMP_SERVICE).toBe(service);
  }
}, 60_000);

test("the dashboard shows sizes, decisions, resizes, queues and functions", () => {
  const [{ DashboardBody }] = Object.values(propertiesOf("AWS::CloudWatch::Dashboard"));
  const body = JSON.stringify(DashboardBody);
  const parts = [
    "Wanted",
    "Asked",
    "Decisions",
    "Resizes",
    "ResizeFailures",
    "ApproximateAgeOfOldestMessage",
    "Duration",
  ];
  for (const part of [...parts, "Errors"]) expect(body).toContain(part);
});
