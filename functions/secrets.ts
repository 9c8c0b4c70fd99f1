import { systemClock } from "../shared/model/clock.ts";
import type { Secrets } from "../shared/secrets/secrets.ts";
import { once } from "./once.ts";

async function openSecrets(): Promise<Secrets> {
  const { createSecretsManager, createSecretsManagerClient } = await import("../shared/secrets/secrets-manager.ts");
  return createSecretsManager({ client: createSecretsManagerClient(), now: systemClock });
}

/** Secrets Manager's client is loaded by the first secret that is asked for; most policies never ask. */
export function lazySecrets(): Secrets {
  const opened = once(openSecrets);
  return { get: async (name) => (await opened()).get(name) };
}
