import { readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { type Secrets, SecretUnavailable } from "../../shared/secrets/secrets.ts";

/**
 * Secrets from a folder, each in a file of its name, as Docker, Kubernetes and systemd mount them. Read whenever asked for, so
 * that a changed file is used at once. A newline at the end is no part of a secret.
 */
export function createSecretFiles(folder: string): Secrets {
  const root = resolve(folder);
  return {
    async get(name) {
      const path = resolve(root, name);
      if (!path.startsWith(root + sep)) throw new SecretUnavailable(`the secret ${name} would lie outside ${root}`);
      const text = await readFile(path, "utf8").catch((cause: unknown) => {
        const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
        throw new SecretUnavailable(
          `the secret ${name} cannot be read from ${path} (${why}); put it there, readable by vramp`,
          { cause },
        );
      });
      const value = text.replace(/\r?\n$/, "");
      if (value === "") throw new SecretUnavailable(`the secret ${name} in ${path} is empty`);
      return value;
    },
  };
}
