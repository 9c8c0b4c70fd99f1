import { Aws } from "aws-cdk-lib";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Source } from "../../shared/policy/schema/signals.ts";
import { PolicyRefused } from "../policy.ts";
import type { Grant } from "./grant.ts";

type CloudWatch = Extract<Source, { cloudwatch: object }>["cloudwatch"];
type Prometheus = Extract<Source, { prometheus: object }>["prometheus"];

/** Each once, in an order that does not change. */
export const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();

function readMetrics(sources: readonly CloudWatch[]): readonly Grant[] {
  const regions = sorted(sources.filter((s) => s.roleArn === undefined).map((s) => s.region));
  if (regions.length === 0) return [];
  return [
    {
      sid: "ReadMetrics",
      actions: ["cloudwatch:GetMetricData"],
      everything: "CloudWatch has no resource-level permission for GetMetricData",
      when: { StringEquals: { "aws:RequestedRegion": regions } },
    },
  ];
}

/** Secrets Manager puts six characters of its own behind a secret's name. */
export const secretArn = (name: string) =>
  `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}-??????`;

function secretOf({ auth }: Prometheus): readonly string[] {
  if (auth === undefined || typeof auth === "string") return [];
  if ("bearer" in auth) return [auth.bearer.tokenSecret];
  return "basic" in auth ? [auth.basic.passwordSecret] : [];
}

function readSecrets(sources: readonly Prometheus[]): readonly Grant[] {
  const resources = sorted(sources.flatMap(secretOf).map(secretArn));
  return resources.length === 0 ? [] : [{ sid: "ReadSecrets", actions: ["secretsmanager:GetSecretValue"], resources }];
}

/** The workspace of Amazon Managed Prometheus that a source signs for in our own name. */
function workspaceOf({ url, auth }: Prometheus): readonly string[] {
  if (auth === undefined || typeof auth === "string" || !("sigv4" in auth) || auth.sigv4.roleArn !== undefined)
    return [];
  const workspace = /\/workspaces\/(ws-[A-Za-z0-9-]+)/.exec(new URL(url).pathname)?.[1];
  if (workspace !== undefined)
    return [`arn:${Aws.PARTITION}:aps:${auth.sigv4.region}:${Aws.ACCOUNT_ID}:workspace/${workspace}`];
  throw new PolicyRefused(
    `the source at ${url} signs its requests (auth: sigv4), but its address names no workspace to grant; ` +
      "write https://aps-workspaces.<region>.amazonaws.com/workspaces/ws-…, or use bearer or basic",
  );
}

/** Reading every metric source that the policy declares. Throws `PolicyRefused` for one that no narrow permission fits. */
export function readSources(policy: Policy): readonly Grant[] {
  const declared = Object.values(policy.sources);
  const cloudwatch = declared.flatMap((source) => ("cloudwatch" in source ? [source.cloudwatch] : []));
  const prometheus = declared.flatMap((source) => ("prometheus" in source ? [source.prometheus] : []));
  const workspaces = sorted(prometheus.flatMap(workspaceOf));
  return [
    ...readMetrics(cloudwatch),
    ...readSecrets(prometheus),
    ...(workspaces.length === 0
      ? []
      : [{ sid: "QueryPrometheus", actions: ["aps:QueryMetrics"], resources: workspaces }]),
  ];
}

/** The hosts of the policy's metric sources, as `VRAMP_METRIC_HOSTS` lists them: whoever deploys a policy vouches for them. */
export function metricHosts({ sources }: Policy): Readonly<Record<string, string>> {
  const hosts = Object.values(sources).flatMap((source) =>
    "prometheus" in source ? [new URL(source.prometheus.url).host.toLowerCase()] : [],
  );
  return hosts.length === 0 ? {} : { VRAMP_METRIC_HOSTS: sorted(hosts).join(",") };
}
