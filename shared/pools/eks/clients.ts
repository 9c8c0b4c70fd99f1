import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EKSClient, type EKSClientConfig } from "@aws-sdk/client-eks";
import type { EksRef } from "../../policy/schema/pools.ts";
import type { Seconds } from "../../policy/units.ts";
import { PoolError } from "../errors.ts";
import { named } from "./errors.ts";

/** How long one call to AWS may take, and how often it is tried. */
export interface EksLimits {
  readonly connectTimeout: Seconds;
  readonly requestTimeout: Seconds;
  readonly attempts: number;
}

export const LIMITS: EksLimits = {
  // A regional endpoint accepts within tens of milliseconds; two seconds without a connection is an outage or a closed route.
  connectTimeout: 2,
  // EKS and Auto Scaling answer within a second. The SDK itself would wait for ever.
  requestTimeout: 5,
  // The SDK's own backoff between tries; more belongs to the next run, a minute later, with fresh readings.
  attempts: 3,
};

export interface EksOptions {
  /** Where AWS is, for tests; without it the SDK decides (`AWS_ENDPOINT_URL` and its like included). */
  readonly endpoint?: string;
  /** Whose calls these are, for tests; without it the SDK's default chain. */
  readonly credentials?: NonNullable<EKSClientConfig["credentials"]>;
  readonly limits?: Partial<EksLimits>;
}

export interface AwsClients {
  readonly eks: EKSClient;
  readonly autoScaling: AutoScalingClient;
}

/** One pair of clients for each region, made when first asked for. */
export function createClients(options: EksOptions): (ref: EksRef) => AwsClients {
  const byRegion = new Map<string, AwsClients>();
  return (ref) => {
    if (ref.roleArn !== undefined)
      throw new PoolError(
        "Forbidden",
        `${named(ref)}: vramp cannot assume another role yet. Remove roleArn from the policy, and let vramp's own role reach the node group.`,
      );
    const known = byRegion.get(ref.region);
    if (known !== undefined) return known;
    const config = clientConfig(ref.region, options);
    const made = { eks: new EKSClient(config), autoScaling: new AutoScalingClient(config) };
    byRegion.set(ref.region, made);
    return made;
  };
}

function clientConfig(region: string, options: EksOptions) {
  const limits = { ...LIMITS, ...options.limits };
  return {
    region,
    retryMode: "standard",
    maxAttempts: limits.attempts,
    requestHandler: {
      connectionTimeout: limits.connectTimeout * 1000,
      requestTimeout: limits.requestTimeout * 1000,
      throwOnRequestTimeout: true,
    },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
}
