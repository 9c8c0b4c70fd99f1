import type { AwsSession } from "../identity/aws.ts";
import { IdentityError } from "../identity/errors.ts";
import type { Identities } from "../identity/identities.ts";
import type { Federation, WorkloadIdentity } from "../policy/schema/identities.ts";
import type { SourceAuth } from "../policy/schema/signals.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { SignalFault } from "./errors.ts";

/** A form about to be posted. */
export interface FormPost {
  readonly url: URL;
  readonly body: string;
  readonly now: EpochSeconds;
}

/** The headers of one post, credentials included. They are made anew for each, so that rotated secrets are taken up. */
export type Authorize = (post: FormPost) => Promise<Headers>;

const FORM_TYPE = "application/x-www-form-urlencoded";

/** The name under which Amazon Managed Service for Prometheus checks signatures. */
const AMP_SERVICE = "aps";

/** What every server takes in a header. Checked here, because the refusal of `Headers` would quote the secret. */
const PRINTABLE = /^[\x20-\x7e]*$/;

function headersWith(authorization: string, secret: string): Headers {
  if (!PRINTABLE.test(authorization)) {
    throw new SignalFault(
      "noCredentials",
      `the secret ${secret} has characters that no HTTP header may carry; save it again`,
    );
  }
  return new Headers({ "content-type": FORM_TYPE, authorization });
}

/** `assumed`: another role's credentials; without it the process's own. */
function signing(region: string, assumed: (() => Promise<AwsSession>) | null): Authorize {
  // Loaded when first used: most sources are not on AWS, and the credential chain alone is 20 packages.
  const load = async () => {
    const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] = await Promise.all([
      import("@smithy/signature-v4"),
      import("@aws-crypto/sha256-js"),
      import("@aws-sdk/credential-provider-node"),
    ]);
    const credentials = assumed ?? defaultProvider();
    return new SignatureV4({ service: AMP_SERVICE, region, credentials, sha256: Sha256 });
  };
  let loaded: ReturnType<typeof load> | undefined;
  return async ({ url, body, now }) => {
    loaded ??= load();
    const signer = await loaded;
    const request = {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, "content-type": FORM_TYPE },
      body,
    };
    const signed = await signer.sign(request, { signingDate: new Date(now * 1000) }).catch((cause: unknown) => {
      if (cause instanceof IdentityError) throw cause;
      const message = "no AWS credentials to sign with were found; give the function a role, or set a profile";
      throw new SignalFault("noCredentials", message, { cause });
    });
    const headers = new Headers(signed.headers);
    headers.delete("host"); // the client writes the same one itself
    return headers;
  };
}

/** What every API of Azure Monitor's managed Prometheus takes tokens for. */
const AZURE_SCOPE = "https://prometheus.monitor.azure.com/.default";

/** A token of the other cloud's. What is no `IdentityError` comes from looking for the machine's own identity there. */
function carrying(cloud: "Google" | "Azure", token: () => Promise<string | null | undefined>): Authorize {
  return async () => {
    const value = await token().catch((cause: unknown) => {
      if (cause instanceof IdentityError) throw cause;
      return null;
    });
    if (value) return new Headers({ "content-type": FORM_TYPE, authorization: `Bearer ${value}` });
    throw new SignalFault(
      "noCredentials",
      `this machine has no identity at ${cloud}; name a federated one in the source's auth, as docs/identity.md has it`,
    );
  };
}

const asGoogle = (identities: Identities, workload: WorkloadIdentity | undefined): Authorize =>
  carrying("Google", async () => (await identities.google(workload)).getAccessToken());

const asAzure = (identities: Identities, federation: Federation | undefined): Authorize =>
  carrying("Azure", async () => (await (await identities.azure(federation)).getToken(AZURE_SCOPE))?.token);

/** How a source's `auth` becomes headers. */
export function createAuthorize(auth: SourceAuth | undefined, secrets: Secrets, identities: Identities): Authorize {
  if (auth === undefined) return async () => new Headers({ "content-type": FORM_TYPE });
  if (auth === "google") return asGoogle(identities, undefined);
  if (auth === "azure") return asAzure(identities, undefined);
  if ("google" in auth) return asGoogle(identities, auth.google);
  if ("azure" in auth) return asAzure(identities, auth.azure);
  if ("bearer" in auth) {
    const { tokenSecret } = auth.bearer;
    // Trimmed: a secret that was saved from a file ends in a line feed.
    return async () => headersWith(`Bearer ${(await secrets.get(tokenSecret)).trim()}`, tokenSecret);
  }
  if ("basic" in auth) {
    const { username, passwordSecret } = auth.basic;
    return async () => {
      const password = (await secrets.get(passwordSecret)).trim();
      return headersWith(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`, passwordSecret);
    };
  }
  const { region, roleArn, externalId } = auth.sigv4;
  return signing(region, roleArn === undefined ? null : identities.aws({ region, roleArn, externalId }));
}
