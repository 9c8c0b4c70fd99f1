import { type KeyObject, randomBytes, verify } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { selfSigned } from "./certificate.ts";
import { startTokenService, type TokenReply, type TokenRequest, type TokenService } from "./token-service.ts";

/** What an application's federated credential trusts. `publicKey` stands for what Entra fetches from the issuer. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly publicKey: KeyObject;
}

export interface EntraOptions {
  readonly now: Clock;
  readonly tenant: string;
  /** Applications by client id. */
  readonly applications: Readonly<Record<string, FederatedCredential>>;
}

/** Microsoft Entra's token endpoint over TLS, for client credentials with a federated assertion. */
export interface Entra extends Pick<TokenService, "url" | "calls" | "fault" | "stop"> {
  /** The authority of its certificate; PEM. */
  readonly ca: string;
  /** The scope that a token was given for, while it lasts. */
  scopeOf(token: string): string | null;
  /** Every token that was given out. */
  readonly secrets: readonly string[];
}

// What Entra gives a token without further settings lasts 60 to 90 minutes.
const LIFETIME = 3600;
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const header = z.object({ alg: z.literal("RS256") });
const claims = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number() });

export async function startEntra({ now, tenant, applications }: EntraOptions): Promise<Entra> {
  const certificate = selfSigned();
  const issued = new Map<string, { readonly scope: string; readonly expires: EpochSeconds }>();
  let url = "";

  const token = ({ headers, body }: TokenRequest): TokenReply => {
    const form = new URLSearchParams(body);
    if (!String(headers["content-type"]).startsWith("application/x-www-form-urlencoded"))
      return refusal(400, "invalid_request", "AADSTS900144: The request body must be a form");
    if (form.get("grant_type") !== "client_credentials")
      return refusal(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type");
    if (form.get("client_assertion_type") !== ASSERTION)
      return refusal(401, "invalid_client", "AADSTS7000218: The request body must contain 'client_assertion'");
    const scope = form
      .get("scope")
      ?.split(" ")
      .find((s) => s.endsWith("/.default"));
    if (scope === undefined)
      return refusal(400, "invalid_scope", "AADSTS1002012: The scope must end with /.default for client credentials");
    const application = applications[form.get("client_id") ?? ""];
    if (application === undefined)
      return refusal(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory");
    const wrong = wrongWith(form.get("client_assertion") ?? "", application, now());
    if (wrong !== null) return refusal(401, "invalid_client", wrong);
    const access = `eyJ0canary${randomBytes(24).toString("hex")}`;
    issued.set(access, { scope, expires: now() + LIFETIME });
    return { status: 200, body: { token_type: "Bearer", expires_in: LIFETIME, access_token: access } };
  };

  const service = await startTokenService((request) => {
    if (request.method === "GET" && request.path === `/${tenant}/v2.0/.well-known/openid-configuration`)
      return { operation: "discover", run: () => ({ status: 200, body: discovery(`${url}/${tenant}`) }) };
    if (request.method === "POST" && request.path === `/${tenant}/oauth2/v2.0/token`)
      return { operation: "token", run: () => token(request) };
    const missing = refusal(400, "invalid_tenant", "AADSTS90002: Tenant not found");
    return { operation: `${request.method} ${request.path}`, run: () => missing };
  }, certificate);
  url = service.url;

  return {
    ...service,
    ca: certificate.cert,
    get secrets() {
      return [...issued.keys()];
    },
    scopeOf(access) {
      const found = issued.get(access);
      return found !== undefined && now() < found.expires ? found.scope : null;
    },
  };
}

const refusal = (status: number, error: string, description: string): TokenReply => ({
  status,
  body: { error, error_description: description, error_codes: [Number(/\d+/.exec(description)?.[0])] },
});

const discovery = (authority: string) => ({
  issuer: `${authority}/v2.0`,
  authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
  token_endpoint: `${authority}/oauth2/v2.0/token`,
  end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
  jwks_uri: `${authority}/discovery/v2.0/keys`,
});

/** Why an assertion is not to be trusted, in Entra's words, or null. Entra repeats what it was presented, and so does this. */
function wrongWith(assertion: string, trusted: FederatedCredential, now: EpochSeconds): string | null {
  const [head = "", payload = "", signature = ""] = assertion.split(".");
  const decoded = (part: string): unknown => {
    try {
      return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    } catch {
      return null;
    }
  };
  const parsed = claims.safeParse(decoded(payload));
  if (!header.safeParse(decoded(head)).success || !parsed.success)
    return `AADSTS50027: JWT token is invalid or malformed: ${assertion}`;
  const { iss, sub, aud, exp } = parsed.data;
  const signed = Buffer.from(`${head}.${payload}`);
  if (!verify("sha256", signed, trusted.publicKey, Buffer.from(signature, "base64url")))
    return `AADSTS700027: The certificate used to sign the client assertion is not registered: ${assertion}`;
  if (iss !== trusted.issuer) return `AADSTS700211: No matching federated identity record found for issuer '${iss}'`;
  if (aud !== trusted.audience)
    return `AADSTS700212: No matching federated identity record found for audience '${aud}'`;
  if (sub !== trusted.subject) return `AADSTS700213: No matching federated identity record found for subject '${sub}'`;
  return exp > now ? null : "AADSTS700024: Client assertion is not within its valid time range";
}
