import { type Secrets, SecretUnavailable } from "./secrets.ts";

/** Secrets from a record of names and values, for the sandbox and tests. */
export function createStaticSecrets(record: Readonly<Record<string, string>>): Secrets {
  const values = new Map(Object.entries(record));
  return {
    async get(name) {
      const value = values.get(name);
      if (value === undefined) throw new SecretUnavailable(`there is no secret ${name}; add it to the static secrets`);
      return value;
    },
  };
}
