import type { SourceAuth } from "../policy/schema/signals.ts";
import type { EpochSeconds } from "../policy/units.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { SignalFault, SourceMisconfigured } from "./errors.ts";

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

/** What every server takes in a header. Checked here, because fetch's own refusal would quote the secret. */
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

function signing(region: string): Authorize {
  // Loaded when first used: most sources are not on AWS, and the credential chain alone is 20 packages.
  const load = async () => {
    const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] = await Promise.all([
      import("@smithy/signature-v4"),
      import("@aws-crypto/sha256-js"),
      import("@aws-sdk/credential-provider-node"),
    ]);
    return new SignatureV4({ service: AMP_SERVICE, region, credentials: defaultProvider(), sha256: Sha256 });
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
      const message = "no AWS credentials to sign with were found; give the function a role, or set a profile";
      throw new SignalFault("noCredentials", message, { cause });
    });
    const headers = new Headers(signed.headers);
    headers.delete("host"); // fetch writes the same one itself
    return headers;
  };
}

/** How a source's `auth` becomes headers. Throws `SourceMisconfigured` for an identity that vramp cannot take on. */
export function createAuthorize(auth: SourceAuth | undefined, secrets: Secrets): Authorize {
  if (auth === undefined) return async () => new Headers({ "content-type": FORM_TYPE });
  if (auth === "google" || auth === "azure") {
    throw new SourceMisconfigured(
      `auth: ${auth} is not supported by the Prometheus source yet; use bearer or basic, or a proxy that adds the identity`,
    );
  }
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
  if (auth.sigv4.roleArn !== undefined) {
    throw new SourceMisconfigured(
      "auth: sigv4 with roleArn is not supported yet; let the function's own role query the workspace and leave roleArn out",
    );
  }
  return signing(auth.sigv4.region);
}
