import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import * as z from "zod/mini";
import { IdentityError } from "./errors.ts";
import type { Lasting } from "./keep.ts";
import { SESSION } from "./limits.ts";
import { type Sts, stsFailure } from "./sts.ts";

/** A role to assume, from the region that its credentials are for. */
export interface AwsRole {
  readonly region: string;
  readonly roleArn: string;
  readonly externalId?: string | undefined;
}

/** A role's credentials, as the SDK's clients take them. */
export interface AwsSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

const reply = z.object({
  Credentials: z.object({
    AccessKeyId: z.string(),
    SecretAccessKey: z.string(),
    SessionToken: z.string(),
    Expiration: z.date(),
  }),
});

/** A role without its account, which is not for a log. */
const named = (roleArn: string): string => `The role ${roleArn.slice(roleArn.indexOf("/") + 1)}`;

/** Assumes the role, with vramp's own credentials. Throws `IdentityError`. */
export async function assumeRole(
  sts: Sts,
  { region, roleArn, externalId }: AwsRole,
  session: string,
): Promise<Lasting<AwsSession>> {
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: session,
    DurationSeconds: SESSION,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  const answer = await sts(region)
    .send(command)
    .catch((error: unknown) => {
      const condition = externalId === undefined ? "" : ", under the external id that the policy gives";
      throw stsFailure(
        error,
        named(roleArn),
        `Its trust policy must let vramp's own role call sts:AssumeRole${condition}, and vramp's own role must be allowed to; docs/identity.md has both.`,
      );
    });
  const parsed = reply.safeParse(answer);
  if (!parsed.success)
    throw new IdentityError("unavailable", `${named(roleArn)} came without credentials. The next run tries again.`);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = parsed.data.Credentials;
  const value = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
  return { value, expires: Expiration.getTime() / 1000 };
}
