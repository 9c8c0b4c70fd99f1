import { z } from "zod";
import { awsJsonService, call } from "./aws-json.ts";
import { AwsFailure, type AwsService } from "./aws-wire.ts";

/** AWS Secrets Manager with the secrets it is given. Mount `service` under `secretsmanager`. */
export interface SecretsManagerEmulator {
  readonly service: AwsService;
  /** Creates the secret, or rotates it. */
  put(name: string, value: string | Uint8Array): void;
}

interface Secret {
  readonly arn: string;
  readonly version: number;
  readonly value: string | Uint8Array;
}

export function createSecretsManagerEmulator({ region = "eu-central-1" } = {}): SecretsManagerEmulator {
  const secrets = new Map<string, Secret>();

  /** A secret goes by its name or its ARN. */
  function find(id: string): readonly [name: string, secret: Secret] {
    for (const [name, secret] of secrets) if (id === name || id === secret.arn) return [name, secret];
    throw new AwsFailure(
      400,
      "ResourceNotFoundException",
      "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    );
  }

  const service = awsJsonService({
    target: "secretsmanager",
    version: "1.1",
    calls: {
      GetSecretValue: call(false, z.object({ SecretId: z.string().min(1).max(2048) }), ({ SecretId }) => {
        const [name, { arn, version, value }] = find(SecretId);
        return {
          ARN: arn,
          Name: name,
          VersionId: String(version).padStart(32, "0"),
          VersionStages: ["AWSCURRENT"],
          ...(typeof value === "string"
            ? { SecretString: value }
            : { SecretBinary: Buffer.from(value).toString("base64") }),
        };
      }),
    },
  });

  return {
    service,
    put(name, value) {
      // AWS adds six characters to the name, so that a secret created again has another ARN.
      const arn = `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-AbCdEf`;
      secrets.set(name, { arn, version: (secrets.get(name)?.version ?? 0) + 1, value });
    },
  };
}
