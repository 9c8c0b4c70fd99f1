import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { signingScope } from "./aws-signature.ts";
import { AwsFailure } from "./aws-wire.ts";
import { startTokenService, type TokenReply, type TokenRequest, type TokenService } from "./token-service.ts";

export interface GoogleTokensOptions {
  readonly now: Clock;
  /** The workload identity provider's full name. */
  readonly audience: string;
  /** The service accounts that the federated identity may act as. */
  readonly serviceAccounts?: readonly string[];
}

/** Google's token service and its service account credentials, for requests that AWS signed. */
export interface GoogleTokens extends Pick<TokenService, "url" | "calls" | "fault" | "stop"> {
  /** Whom a token speaks for, while it lasts: `federated`, or a service account. */
  whoIs(token: string): string | null;
  /** Every token that was given out, and every signed request that was presented. */
  readonly secrets: readonly string[];
}

const LIFETIME = 3600;
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const FORM = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
  subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
} as const;

const presented = z.object({
  url: z.string(),
  method: z.literal("POST"),
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
});
const impersonation = z.strictObject({ scope: z.tuple([z.literal(SCOPE)]), lifetime: z.literal(`${LIFETIME}s`) });

export async function startGoogleTokens(options: GoogleTokensOptions): Promise<GoogleTokens> {
  const { now, audience, serviceAccounts = [] } = options;
  const issued = new Map<string, { readonly who: string; readonly expires: EpochSeconds }>();
  const secrets: string[] = [];

  const issue = (who: string): string => {
    const token = `ya29.canary${randomBytes(24).toString("hex")}`;
    issued.set(token, { who, expires: now() + LIFETIME });
    secrets.push(token);
    return token;
  };
  const whoIs = (token: string): string | null => {
    const found = issued.get(token);
    return found !== undefined && now() < found.expires ? found.who : null;
  };

  const exchanged = ({ body }: TokenRequest): TokenReply => {
    const form = new URLSearchParams(body);
    for (const [name, value] of Object.entries(FORM))
      if (form.get(name) !== value) return refusal("invalid_request", `Invalid value for "${name}".`);
    if (form.get("audience") !== audience) return refusal("invalid_request", 'Invalid value for "audience".');
    if (form.get("scope") !== SCOPE) return refusal("invalid_scope", 'Invalid value for "scope".');
    const subject = form.get("subject_token") ?? "";
    secrets.push(subject);
    const wrong = wrongWith(subject, audience);
    if (wrong !== null) return refusal("invalid_grant", `${wrong}: ${subject}`);
    return {
      status: 200,
      body: {
        access_token: issue("federated"),
        issued_token_type: FORM.requested_token_type,
        token_type: "Bearer",
        expires_in: LIFETIME,
      },
    };
  };

  const impersonated = ({ headers, body }: TokenRequest, account: string): TokenReply => {
    const bearer = /^Bearer (.+)$/.exec(String(headers.authorization))?.[1] ?? "";
    if (whoIs(bearer) !== "federated") return status(401, "UNAUTHENTICATED", "Request had invalid credentials.");
    if (!impersonation.safeParse(parsedJson(body)).success) return status(400, "INVALID_ARGUMENT", "Invalid request.");
    if (!serviceAccounts.includes(account))
      return status(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource.");
    const expireTime = new Date((now() + LIFETIME) * 1000).toISOString();
    return { status: 200, body: { accessToken: issue(account), expireTime } };
  };

  const service = await startTokenService((request) => {
    const account = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(request.path)?.[1];
    if (request.method === "POST" && request.path === "/v1/token")
      return { operation: "exchange", run: () => exchanged(request) };
    if (request.method === "POST" && account !== undefined)
      return { operation: "impersonate", run: () => impersonated(request, decodeURIComponent(account)) };
    return { operation: `${request.method} ${request.path}`, run: () => status(404, "NOT_FOUND", "Not found.") };
  });
  return { ...service, whoIs, secrets };
}

const refusal = (error: string, description: string): TokenReply => ({
  status: 400,
  body: { error, error_description: description },
});

const status = (code: number, name: string, message: string): TokenReply => ({
  status: code,
  body: { error: { code, status: name, message } },
});

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Why a subject token is no AWS request that says who its signer is, or null. The signature is not computed again. */
function wrongWith(subject: string, audience: string): string | null {
  const parsed = presented.safeParse(parsedJson(decodeURIComponent(subject)));
  if (!parsed.success) return "The subject token is no serialized request";
  const { url, headers } = parsed.data;
  const region = /^https:\/\/sts\.([a-z0-9-]+)\.amazonaws\.com\?Action=GetCallerIdentity&Version=2011-06-15$/.exec(
    url,
  )?.[1];
  const sent = Object.fromEntries(headers.map(({ key, value }) => [key.toLowerCase(), value]));
  if (region === undefined) return "The request is no GetCallerIdentity at a regional endpoint";
  if (sent["x-goog-cloud-target-resource"] !== audience) return "The request is made out to another provider";
  if (sent.host !== `sts.${region}.amazonaws.com`) return "The request's host is another one";
  if (sent.authorization?.includes("Credential=ASIA") === true && sent["x-amz-security-token"] === undefined)
    return "The request lacks its session's token";
  try {
    const scope = signingScope(sent);
    return scope.service === "sts" && scope.region === region ? null : "The request is signed for something else";
  } catch (error) {
    if (error instanceof AwsFailure) return error.message;
    throw error;
  }
}
