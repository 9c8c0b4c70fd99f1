import { PolicyStatement } from "aws-cdk-lib/aws-iam";

/** What something is allowed to do, to what, and when. */
export type Grant = {
  /** Letters and digits; unique within a role. */
  readonly sid: string;
  readonly actions: readonly string[];
  /** IAM's conditions: operator, key, value. */
  readonly when?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
} & (
  | { readonly resources: readonly string[] }
  /** Every resource, and why no ARN can narrow it. */
  | { readonly everything: string }
);

export function toStatement(grant: Grant): PolicyStatement {
  return new PolicyStatement({
    sid: grant.sid,
    actions: [...grant.actions],
    resources: "everything" in grant ? ["*"] : [...grant.resources],
    ...(grant.when === undefined ? {} : { conditions: grant.when }),
  });
}
