import { error, type Finding, type Path, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";

interface Assumed {
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

/** Every place that may name a role to assume. */
function* assumed(policy: Policy): Iterable<readonly [at: Path, role: Assumed]> {
  for (const [name, source] of Object.entries(policy.sources)) {
    if ("cloudwatch" in source) yield [["sources", name, "cloudwatch"], source.cloudwatch];
    else if (typeof source.prometheus.auth === "object" && "sigv4" in source.prometheus.auth)
      yield [["sources", name, "prometheus", "auth", "sigv4"], source.prometheus.auth.sigv4];
  }
  for (const [name, { pools }] of Object.entries(policy.workloads))
    for (const [i, { eks }] of pools.entries())
      if (eks !== undefined) yield [["workloads", name, "pools", i, "eks"], eks];
}

/** What stands for one account's role means one identity. */
export function* identities(policy: Policy): Iterable<Finding> {
  const externalIds = new Map<string, { readonly at: Path; readonly externalId: string | undefined }>();
  for (const [at, { roleArn, externalId }] of assumed(policy)) {
    if (roleArn === undefined) {
      if (externalId !== undefined)
        yield error([...at, "externalId"], {
          message: "an external id without a role",
          why: "it is only sent when a role is assumed",
          fix: "add `roleArn`, or remove `externalId`",
        });
      continue;
    }
    const before = externalIds.get(roleArn);
    if (before === undefined) externalIds.set(roleArn, { at, externalId });
    else if (before.externalId !== externalId)
      yield warning([...at, "roleArn"], {
        message: "the same role is assumed elsewhere with another external id, or with none",
        why: "a trust policy usually takes one, and denies the other",
        fix: "give both the same `externalId`",
        involves: [before.at],
      });
  }
}
