import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EKSClient, type EKSClientConfig } from "@aws-sdk/client-eks";
import { createIdentities, type Identities } from "../../identity/identities.ts";
import type { EksRef } from "../../policy/schema/pools.ts";
import type { Seconds } from "../../policy/units.ts";

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
  /** Where the credentials of a pool's `roleArn` come from. */
  readonly identities?: Identities;
}

export interface AwsClients {
  readonly eks: EKSClient;
  readonly autoScaling: AutoScalingClient;
}

/** One pair of clients for each region and role, made when first asked for. */
export function createClients(options: EksOptions): (ref: EksRef) => AwsClients {
  const identities = options.identities ?? createIdentities();
  const made = new Map<string, AwsClients>();
  return (ref) => {
    const key = JSON.stringify([ref.region, ref.roleArn, ref.externalId]);
    const known = made.get(key);
    if (known !== undefined) return known;
    const config = clientConfig(ref, options, identities);
    const clients = { eks: new EKSClient(config), autoScaling: new AutoScalingClient(config) };
    made.set(key, clients);
    return clients;
  };
}

function clientConfig({ region, roleArn, externalId }: EksRef, options: EksOptions, identities: Identities) {
  const limits = { ...LIMITS, ...options.limits };
  const credentials = roleArn === undefined ? options.credentials : identities.aws({ region, roleArn, externalId });
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
    ...(credentials === undefined ? {} : { credentials }),
  };
}
