import { z } from "zod";
import { duration, exactlyOne, identifier, oneOfKeys, secretName } from "./common.ts";
import { externalId, federation, roleArn, workloadIdentity } from "./identities.ts";

const bearer = z.strictObject({ bearer: z.strictObject({ tokenSecret: secretName }) });
const basic = z.strictObject({ basic: z.strictObject({ username: z.string().min(1), passwordSecret: secretName }) });
const sigv4 = z.strictObject({
  sigv4: z.strictObject({ region: z.string().min(1), roleArn: roleArn.optional(), externalId: externalId.optional() }),
});
const google = z.strictObject({ google: workloadIdentity });
const azure = z.strictObject({ azure: federation });

/**
 * How vramp identifies itself to a Prometheus. The words `google` and `azure` mean the identity that the machine has there
 * anyway; from AWS there is none, and the federated one is named.
 */
export const auth = z.union([bearer, basic, sigv4, google, azure, z.enum(["google", "azure"])]);
export type SourceAuth = z.output<typeof auth>;

const prometheusSource = z.strictObject({
  prometheus: z.strictObject({
    url: z.url({ protocol: /^https?$/, error: "expected an http or https URL" }),
    auth: auth.optional(),
  }),
});

const cloudwatchSource = z.strictObject({
  cloudwatch: z.strictObject({
    region: z.string().min(1),
    roleArn: roleArn.optional(),
    externalId: externalId.optional(),
  }),
});

export const source = z.union([prometheusSource, cloudwatchSource]);
export type Source = z.output<typeof source>;

/** Characters in a PromQL query: far above any sane rule, far below what a URL or a log line can carry. */
const MAX_QUERY_LENGTH = 4096;

const metric = z.strictObject({
  namespace: z.string().min(1).max(255),
  name: z.string().min(1).max(255),
  dimensions: z.record(z.string().min(1).max(255), z.string().min(1).max(1024)).default({}),
  statistic: z
    .string()
    .regex(
      /^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$/,
      "expected a CloudWatch statistic: Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p95",
    ),
  period: duration,
});
export type CloudWatchMetric = z.output<typeof metric>;

export const signal = z
  .strictObject({
    source: identifier,
    query: z.string().min(1).max(MAX_QUERY_LENGTH).optional().meta({ description: "PromQL" }),
    metric: metric.optional().meta({ description: "A CloudWatch metric" }),
    maxAge: duration.meta({ description: "How old a sample may be and still speak for now" }),
    step: duration.optional().meta({ description: "Resolution of the range; 15s, or the period of the metric" }),
    whenEmpty: z
      .enum(["absent", "zero", "unknown"])
      .default("unknown")
      .meta({ description: "What no series means while the workload has no nodes" }),
    unit: z.enum(["ratio", "percent"]).optional(),
    per: z.literal("node").optional().meta({ description: "One series for each node, labelled provider_id" }),
  })
  .check(exactlyOne("query", "metric"))
  .meta(oneOfKeys("query", "metric"));
export type Signal = Readonly<z.output<typeof signal>>;
