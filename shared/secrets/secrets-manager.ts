import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from "@aws-sdk/client-secrets-manager";
import type { Clock } from "../model/clock.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { CACHED_FOR, CALL_DEADLINE, CONNECT_TIMEOUT, MAX_ATTEMPTS, REQUEST_TIMEOUT } from "./limits.ts";
import { type Secrets, SecretUnavailable } from "./secrets.ts";

/** A client that gives up in time. The SDK's own defaults wait for ever. */
export const createSecretsManagerClient = (config: SecretsManagerClientConfig = {}): SecretsManagerClient =>
  new SecretsManagerClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT * 1000,
      requestTimeout: REQUEST_TIMEOUT * 1000,
      throwOnRequestTimeout: true, // without it the SDK only logs a warning and waits on
    },
    ...config,
  });

interface Cached {
  readonly value: Promise<string>;
  readonly since: EpochSeconds;
}

/** Secrets from AWS Secrets Manager, each kept for `CACHED_FOR`. A failure is not kept: the next `get` asks again. */
export function createSecretsManager({ client, now }: { client: SecretsManagerClient; now: Clock }): Secrets {
  const cache = new Map<string, Cached>();

  async function ask(name: string): Promise<string> {
    const command = new GetSecretValueCommand({ SecretId: name });
    const reply = await client
      .send(command, { abortSignal: AbortSignal.timeout(CALL_DEADLINE * 1000) })
      .catch((error: unknown) => {
        // Without its cause: the error of a reply that cannot be parsed quotes the reply, and so the secret.
        const kind = error instanceof Error ? error.name : "unknown error";
        throw new SecretUnavailable(
          `Secrets Manager did not give the secret ${name} (${kind}); check that it exists and the role may read it`,
        );
      });
    if (reply.SecretString === undefined)
      throw new SecretUnavailable(`the secret ${name} holds bytes instead of text; store it as a string`);
    return reply.SecretString;
  }

  return {
    get(name) {
      const cached = cache.get(name);
      const at = now();
      if (cached !== undefined && at - cached.since < CACHED_FOR) return cached.value;
      const value = ask(name);
      cache.set(name, { value, since: at });
      value.catch(() => {
        if (cache.get(name)?.value === value) cache.delete(name);
      });
      return value;
    },
  };
}
