import { STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import * as z from "zod/mini";
import { IdentityError } from "./errors.ts";
import { STS_ATTEMPTS, STS_CONNECT_TIMEOUT, STS_REQUEST_TIMEOUT } from "./limits.ts";

export interface StsOptions {
  /** Where STS is, for tests; without it the SDK takes the regional endpoint. */
  readonly endpoint?: string;
  /** Whose calls these are, for tests; without it the SDK's default chain. */
  readonly credentials?: NonNullable<STSClientConfig["credentials"]>;
  /** vramp's own region, for tests; without it the SDK finds it (`AWS_REGION` in a function, else the profile). */
  readonly region?: string;
}

/** The security token service of a region, of vramp's own if none is named. Made when first asked for. */
export type Sts = (region?: string) => STSClient;

export function createSts(options: StsOptions = {}): Sts {
  const byRegion = new Map<string, STSClient>();
  return (region = options.region ?? "") => {
    const known = byRegion.get(region);
    if (known !== undefined) return known;
    const made = new STSClient({
      maxAttempts: STS_ATTEMPTS,
      requestHandler: {
        connectionTimeout: STS_CONNECT_TIMEOUT * 1000,
        requestTimeout: STS_REQUEST_TIMEOUT * 1000,
        throwOnRequestTimeout: true, // without it the SDK only logs a warning and waits on
      },
      ...(region === "" ? {} : { region }),
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    });
    byRegion.set(region, made);
    return made;
  };
}

const failure = z.object({
  name: z.string(),
  $metadata: z._default(z.object({ httpStatusCode: z.optional(z.number()) }), {}),
});

const NO_CREDENTIALS = "no AWS credentials were found; give the function a role, or set a profile";

/**
 * What STS, or the search for credentials to ask it with, threw. `what` was asked for; `advice` is for a denial. AWS's own
 * words are left out: they quote the caller's ARN.
 */
export function stsFailure(error: unknown, what: string, advice: string): IdentityError {
  const parsed = failure.safeParse(error);
  const { name, $metadata } = parsed.data ?? { name: typeof error, $metadata: {} };
  const status = $metadata.httpStatusCode ?? 0;
  if (name === "CredentialsProviderError") return new IdentityError("denied", `${what} needs AWS: ${NO_CREDENTIALS}.`);
  if (/Throttl|RequestLimitExceeded|TooManyRequests/.test(name) || status < 400 || status >= 500 || status === 429)
    return new IdentityError("unavailable", `${what} was not given by AWS STS (${name}). The next run tries again.`);
  return new IdentityError("denied", `${what} was denied by AWS STS (${name}). ${advice}`);
}
