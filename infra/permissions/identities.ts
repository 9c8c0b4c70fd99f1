import { WEB_IDENTITY } from "../../shared/identity/limits.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Grant } from "./grant.ts";

/** Where a policy names a role, and the id by which the role's account knows us. */
interface RoleRef {
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

const poolsOf = (policy: Policy) => Object.values(policy.workloads).flatMap((workload) => workload.pools);

const authsOf = (policy: Policy) =>
  Object.values(policy.sources).flatMap((source) => ("prometheus" in source ? (source.prometheus.auth ?? []) : []));

function rolesOf(policy: Policy): readonly RoleRef[] {
  const metrics = Object.values(policy.sources).flatMap((source) => ("cloudwatch" in source ? source.cloudwatch : []));
  const signed = authsOf(policy).flatMap((auth) => (typeof auth === "object" && "sigv4" in auth ? auth.sigv4 : []));
  return [...poolsOf(policy).flatMap((pool) => pool.eks ?? []), ...metrics, ...signed];
}

/** Becoming each role that is named; with its external id, where one is given, and not without. */
function assumeRoles(refs: readonly RoleRef[]): readonly Grant[] {
  const roles = new Map<string, Grant>();
  for (const { roleArn, externalId } of refs) {
    const key = JSON.stringify([roleArn, externalId]);
    if (roleArn === undefined || roles.has(key)) continue;
    roles.set(key, {
      sid: `AssumeRole${roles.size + 1}`,
      actions: ["sts:AssumeRole"],
      resources: [roleArn],
      ...(externalId === undefined ? {} : { when: { StringEquals: { "sts:ExternalId": externalId } } }),
    });
  }
  return [...roles.values()];
}

/** A token by which Azure knows us: made out to Azure alone, and short. */
const TOKEN_FOR_AZURE: Grant = {
  sid: "TokenForAzure",
  actions: ["sts:GetWebIdentityToken"],
  everything: "the token is about the caller itself; STS has no resource for it",
  when: {
    "ForAllValues:StringEquals": { "sts:IdentityTokenAudience": "api://AzureADTokenExchange" },
    NumericLessThanEquals: { "sts:DurationSeconds": String(WEB_IDENTITY) },
  },
};

const federatesWithAzure = (policy: Policy): boolean =>
  poolsOf(policy).some((pool) => pool.aks?.federation !== undefined) ||
  authsOf(policy).some((auth) => typeof auth === "object" && "azure" in auth);

/** Taking on the identities that the policy names in other accounts and at Azure. Google needs no permission of AWS. */
export function takeIdentities(policy: Policy): readonly Grant[] {
  return [...assumeRoles(rolesOf(policy)), ...(federatesWithAzure(policy) ? [TOKEN_FOR_AZURE] : [])];
}
