import { AwsClient, GoogleAuth, OAuth2Client } from "google-auth-library";
import type { Clock } from "../model/clock.ts";
import type { WorkloadIdentity } from "../policy/schema/identities.ts";
import type { Seconds } from "../policy/units.ts";
import { IdentityError } from "./errors.ts";
import { exchange } from "./exchange.ts";
import { keep, type Lasting } from "./keep.ts";
import { EXCHANGE_DEADLINE } from "./limits.ts";
import type { Sts } from "./sts.ts";

export interface GoogleOptions {
  /** Google's token service, for tests. */
  readonly tokenUrl?: string;
  /** Google's service account credentials, for tests. */
  readonly credentialsUrl?: string;
  readonly deadline?: Seconds;
}

/** One scope for every API; what vramp may do is said by the roles that its identity is granted. */
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

const AWS_REQUEST = "urn:ietf:params:aws:token-type:aws4_request";

/**
 * Google's clients as the workload identity, or as what the machine is there anyway (application default credentials) if
 * there is none. From AWS: a GetCallerIdentity, signed and not sent, is exchanged for a token, and that for the service
 * account's if one is named. Calls throw `IdentityError` when the exchange fails.
 */
export function googleAuth(
  workload: WorkloadIdentity | undefined,
  sts: Sts,
  now: Clock,
  options: GoogleOptions = {},
): GoogleAuth {
  if (workload === undefined) return new GoogleAuth({ scopes: SCOPES });
  const token = keep(() => exchanged(workload, sts, options), now);
  const client = new OAuth2Client();
  client.refreshHandler = async () => {
    const { value, expires } = await token();
    return { access_token: value, expiry_date: expires * 1000 };
  };
  // The client asks each time: the token is kept, and its end known, here.
  client.eagerRefreshThresholdMillis = Number.POSITIVE_INFINITY;
  return new GoogleAuth({ authClient: client, scopes: SCOPES });
}

async function exchanged(
  { audience, serviceAccount }: WorkloadIdentity,
  sts: Sts,
  { tokenUrl, credentialsUrl = "https://iamcredentials.googleapis.com", deadline = EXCHANGE_DEADLINE }: GoogleOptions,
): Promise<Lasting<string>> {
  const what =
    serviceAccount === undefined ? "Google's workload identity" : `Google's service account ${serviceAccount}`;
  const advice =
    "Compare the pool's provider, its attribute condition and the service account's workloadIdentityUser with docs/identity.md.";
  const own = sts().config;
  // A client for each exchange: one that hung would hold back every later one, because it joins them.
  const client = new AwsClient({
    type: "external_account",
    audience,
    subject_token_type: AWS_REQUEST,
    scopes: SCOPES,
    aws_security_credentials_supplier: {
      getAwsRegion: () => own.region(),
      getAwsSecurityCredentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await own.credentials();
        return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) };
      },
    },
    ...(tokenUrl === undefined ? {} : { token_url: tokenUrl }),
    ...(serviceAccount === undefined
      ? {}
      : {
          service_account_impersonation_url: `${credentialsUrl}/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
        }),
  });
  return exchange({ what, advice, deadline }, async () => {
    const { token } = await client.getAccessToken();
    const end = client.credentials.expiry_date;
    if (typeof token === "string" && typeof end === "number") return { value: token, expires: end / 1000 };
    throw new IdentityError("unavailable", `${what} came without a token. The next run tries again.`);
  });
}
