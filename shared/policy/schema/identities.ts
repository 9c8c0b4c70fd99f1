import { z } from "zod";

/** Whom vramp acts as where its own AWS role has no say. None of these is a secret: each names who is trusted, and for what. */

export const roleArn = z
  .string()
  .regex(
    /^arn:aws[\w-]*:iam::\d{1,12}:role\/[\w+=,.@/-]{1,576}$/,
    "expected a role's ARN, such as arn:aws:iam::444455556666:role/vramp",
  )
  .meta({ description: "A role that vramp assumes, in this account or another" });

export const externalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{2,1224}$/, "expected 2 to 1224 letters, digits and +=,.@:/-, as AWS allows in an external id")
  .meta({ description: "What the role's trust policy expects as sts:ExternalId" });

/** Google: a workload identity pool's provider that trusts vramp's AWS role. */
export const workloadIdentity = z
  .strictObject({
    audience: z
      .string()
      .regex(
        /^\/\/iam\.googleapis\.com\/projects\/\d+\/locations\/global\/workloadIdentityPools\/[a-z0-9-]+\/providers\/[a-z0-9-]+$/,
        "expected //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER",
      )
      .meta({ description: "The provider's full name" }),
    serviceAccount: z
      .string()
      .regex(/^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/, "expected a service account's e-mail address")
      .optional()
      .meta({
        description: "The service account to act as; without it the federated identity itself is granted roles",
      }),
  })
  .meta({ description: "Workload identity federation, for vramp on AWS" });
export type WorkloadIdentity = Readonly<z.output<typeof workloadIdentity>>;

/** Azure: an app registration or a managed identity with a federated credential that trusts vramp's AWS role. */
export const federation = z
  .strictObject({
    tenantId: z.guid("expected a tenant id (a UUID)"),
    clientId: z.guid("expected an application's or a managed identity's client id (a UUID)"),
  })
  .meta({ description: "Federated credential, for vramp on AWS" });
export type Federation = Readonly<z.output<typeof federation>>;
