import { GetWebIdentityTokenCommand } from "@aws-sdk/client-sts";
import { ClientAssertionCredential, DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import * as z from "zod/mini";
import type { Clock } from "../model/clock.ts";
import type { Federation } from "../policy/schema/identities.ts";
import type { Seconds } from "../policy/units.ts";
import { IdentityError } from "./errors.ts";
import { exchange } from "./exchange.ts";
import { keep, type Lasting } from "./keep.ts";
import { EXCHANGE_DEADLINE, WEB_IDENTITY } from "./limits.ts";
import { type Sts, stsFailure } from "./sts.ts";

export interface AzureOptions {
  /** Where Entra is, for tests; https, as MSAL takes nothing else. */
  readonly authorityHost?: string;
  /** Whose certificates Entra's may be signed by, for tests; PEM. */
  readonly ca?: string;
  readonly deadline?: Seconds;
}

/** Whom AWS's token is made out to: what Entra expects of every federated credential in the public cloud. */
const AUDIENCE = "api://AzureADTokenExchange";

/**
 * Azure as the federated application, or as what the machine is there anyway if there is none. From AWS: a token that STS
 * signs for vramp's role is exchanged at Entra. `getToken` throws `IdentityError` when the exchange fails.
 */
export function azureCredential(
  federation: Federation | undefined,
  sts: Sts,
  now: Clock,
  options: AzureOptions = {},
): TokenCredential {
  if (federation === undefined) return new DefaultAzureCredential();
  const byScope = new Map<string, () => Promise<Lasting<string>>>();
  return {
    async getToken(scopes) {
      const scope = [scopes].flat().join(" ");
      const token = byScope.get(scope) ?? keep(() => exchanged(federation, scope, sts, options), now);
      byScope.set(scope, token);
      const { value, expires } = await token();
      return { token: value, expiresOnTimestamp: expires * 1000 };
    },
  };
}

async function exchanged(
  { tenantId, clientId }: Federation,
  scope: string,
  sts: Sts,
  { authorityHost, ca, deadline = EXCHANGE_DEADLINE }: AzureOptions,
): Promise<Lasting<string>> {
  const what = `Azure's application ${clientId}`;
  const advice = "Compare its federated credential's issuer, subject and audience with docs/identity.md.";
  return exchange({ what, advice, deadline }, async (abort) => {
    // Fetched once for each exchange: MSAL asks for it twice, and nobody needs it afterwards.
    const assertion = await webIdentityToken(sts, abort);
    const credential = new ClientAssertionCredential(tenantId, clientId, async () => assertion, {
      // Discovery asks a second host whether the first is Microsoft's, which only an address of our own choosing is not.
      ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
      ...(ca === undefined ? {} : { tlsOptions: { ca } }),
      retryOptions: { maxRetries: 1 },
    });
    const { token, expiresOnTimestamp } = await credential.getToken(scope, { abortSignal: abort });
    return { value: token, expires: expiresOnTimestamp / 1000 };
  });
}

const reply = z.object({ WebIdentityToken: z.string().check(z.minLength(1)) });

/** A token that AWS signs, which says which role vramp is. */
async function webIdentityToken(sts: Sts, abort: AbortSignal): Promise<string> {
  const what = "The token that AWS signs for Azure";
  const command = new GetWebIdentityTokenCommand({
    Audience: [AUDIENCE],
    SigningAlgorithm: "RS256",
    DurationSeconds: WEB_IDENTITY,
  });
  const answer = await sts()
    .send(command, { abortSignal: abort })
    .catch((error: unknown) => {
      throw stsFailure(
        error,
        what,
        `Vramp's role must be allowed sts:GetWebIdentityToken for the audience ${AUDIENCE}, and the account must have outbound federation on: aws iam enable-outbound-web-identity-federation.`,
      );
    });
  const parsed = reply.safeParse(answer);
  if (parsed.success) return parsed.data.WebIdentityToken;
  throw new IdentityError("unavailable", `${what} did not come with the answer. The next run tries again.`);
}
