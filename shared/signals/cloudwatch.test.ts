import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import {
  type CloudWatchEmulator,
  createCloudWatchEmulator,
  type MetricStatus,
} from "../../sandbox/clouds/cloudwatch.ts";
import type { FaultKind } from "../../sandbox/clouds/faults.ts";
import { readingOf } from "../model/reading.ts";
import type { UnknownWhy } from "../model/signal.ts";
import { type Signal, signal as signalSchema } from "../policy/schema/signals.ts";
import { createCloudWatchSource } from "./cloudwatch.ts";

/** A whole minute, and 20 seconds into the next. */
const MINUTE = 1_800_000_000;
const NOW = MINUTE + 20;
const TRAIN = { namespace: "AWS/SQS", name: "ApproximateNumberOfMessagesVisible", dimensions: { QueueName: "train" } };

const metric = (over: object = {}) => ({ ...TRAIN, statistic: "Maximum", period: "60s", ...over });
const queue = (over: object = {}): Signal =>
  signalSchema.parse({ source: "aws", metric: metric(), maxAge: "3m", ...over });

let aws: Aws;
let cloudwatch: CloudWatchEmulator;
let clock = NOW;
let client: CloudWatchClient;
beforeEach(async () => {
  clock = NOW;
  cloudwatch = createCloudWatchEmulator(() => clock);
  aws = await startAws({ now: () => clock, services: { monitoring: cloudwatch.service } });
  client = clientOf({});
});
afterEach(async () => {
  vi.unstubAllEnvs();
  client.destroy();
  await aws.stop();
});

const clientOf = (over: object) =>
  new CloudWatchClient({
    region: "eu-central-1",
    endpoint: aws.url,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    ...over,
  });
const read = (signal = queue(), window = 300, abort = AbortSignal.timeout(5000)) =>
  createCloudWatchSource({ region: "eu-central-1", client }).fetch({ name: "train", signal, window, now: NOW }, abort);

describe("a metric", () => {
  test("is one call for whole periods, up to the newest complete one, and speaks from each period's end", async () => {
    for (let at = MINUTE - 600; at <= NOW; at += 20) cloudwatch.put(TRAIN, at, at - MINUTE);

    const observation = await read(queue(), 120);

    // The window begins at MINUTE - 100; the sample from MINUTE - 120 speaks for it. The running minute is left out.
    expect(observation).toEqual({
      kind: "series",
      series: {
        validity: 60,
        samples: [
          [MINUTE - 120, -140],
          [MINUTE - 60, -80],
          [MINUTE, -20],
        ],
      },
    });
    expect(aws.calls.map((call) => call.operation)).toEqual(["GetMetricData"]);
  });

  test("that arrives two minutes late is as old as that [F45]", async () => {
    cloudwatch.put(TRAIN, MINUTE - 180, 42);

    expect(readingOf(queue(), await read(), NOW, false)).toMatchObject({ kind: "known", value: 42, age: 140 });
  });

  test.each([
    ["Average", 20],
    ["Sum", 60],
    ["Minimum", 10],
    ["SampleCount", 3],
    ["p50", 20],
  ])("gives its %s", async (statistic, value) => {
    for (const each of [10, 20, 30]) cloudwatch.put(TRAIN, MINUTE - 60 + each, each);

    const observation = await read(queue({ metric: metric({ statistic }) }));

    expect(observation).toMatchObject({ series: { samples: [[MINUTE, value]] } });
  });

  test("of other dimensions is another metric [F40]", async () => {
    cloudwatch.put({ ...TRAIN, dimensions: { QueueName: "other" } }, MINUTE - 60, 1);

    expect(await read()).toEqual({ kind: "empty" });
  });
});

describe("what CloudWatch says of a result", () => {
  test.each<[MetricStatus, UnknownWhy]>([
    ["PartialData", "partial"],
    ["Forbidden", "denied"],
    ["InternalError", "serverError"],
  ])("%s is unknown: %s [F37]", async (status, why) => {
    cloudwatch.put(TRAIN, MINUTE - 120, 1);
    cloudwatch.put(TRAIN, MINUTE - 60, 2);
    cloudwatch.setStatus(TRAIN, status);

    expect(await read()).toMatchObject({ kind: "unknown", why, detail: expect.stringContaining(TRAIN.name) });
  });
});

describe("a call that fails", () => {
  test.each<[FaultKind, UnknownWhy]>([
    ["throttle", "throttled"],
    ["denied", "denied"],
    ["5xx", "serverError"],
    ["badJson", "notJson"],
    ["reset", "unreachable"],
  ])("with %s is unknown: %s [F29]", async (kind, why) => {
    aws.fault({ operation: "GetMetricData", kind });

    const observation = await read();

    expect(observation).toMatchObject({ kind: "unknown", why });
    expect(JSON.stringify(observation)).not.toContain("111122223333");
  });

  test("is made once more by the source's own client [F29]", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_CLOUDWATCH", aws.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    cloudwatch.put(TRAIN, MINUTE - 60, 2);
    aws.fault({ operation: "GetMetricData", kind: "5xx" });
    const source = createCloudWatchSource({ region: "eu-central-1" });

    const observation = await source.fetch(
      { name: "train", signal: queue(), window: 300, now: NOW },
      AbortSignal.timeout(5000),
    );

    expect(observation).toMatchObject({ kind: "series" });
    expect(aws.calls).toHaveLength(2);
  });

  test("by hanging is a timeout as soon as the deadline passes [F29]", async () => {
    aws.fault({ operation: "GetMetricData", kind: "hang" });

    expect(await read(queue(), 300, AbortSignal.timeout(50))).toMatchObject({ kind: "unknown", why: "timeout" });
  });

  test("for lack of credentials says so", async () => {
    const credentials = async () => {
      throw Object.assign(new Error("canary"), { name: "CredentialsProviderError" });
    };
    client = clientOf({ credentials });

    expect(await read()).toMatchObject({ why: "noCredentials", detail: expect.not.stringContaining("canary") });
  });

  test.each([
    ["period", metric({ period: "90s" }), /Period, 90/],
    ["namespace", metric({ namespace: ":x" }), /Namespace/],
  ])("for its %s quotes CloudWatch", async (_, wrong, detail) => {
    expect(await read(queue({ metric: wrong }))).toMatchObject({
      why: "badQuery",
      detail: expect.stringMatching(detail),
    });
  });
});

test.each([-3600, 3600])("a clock %d s from CloudWatch's leaves the signal unknown [F46]", async (apart) => {
  clock = NOW + apart;
  cloudwatch.put(TRAIN, MINUTE - 60, 2);

  expect(await read()).toMatchObject({ kind: "unknown", why: "clockSkew" });
});

test.each([
  ["a query", { metric: undefined, query: "up" }, "misconfigured"],
  ["a series for each node", { per: "node" }, "noNodeLabel"],
])("%s is not CloudWatch's to give", async (_, over, why) => {
  expect(await read(queue(over))).toMatchObject({ kind: "unknown", why });
  expect(aws.calls).toEqual([]);
});
