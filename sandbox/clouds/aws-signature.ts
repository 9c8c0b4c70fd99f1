import { AwsFailure } from "./aws-wire.ts";

/** What a request was signed for. */
export interface SigningScope {
  /** Whose access key it was signed with. */
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

// The signature itself is not verified: the emulator knows no secret keys. Its form is, and that the request was signed at all.
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<accessKeyId>[\w-]+)\/(?<date>\d{8})\/(?<region>[a-z0-9-]+)\/(?<service>[a-z0-9-]+)\/aws4_request, ?SignedHeaders=(?<headers>[a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;

/** Reads the SigV4 `Authorization` header; throws the refusal of an AWS endpoint if there is none, or an ill-formed one. */
export function signingScope(headers: Readonly<Record<string, string>>): SigningScope {
  const authorization = headers.authorization;
  if (authorization === undefined)
    throw new AwsFailure(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
  const { accessKeyId, date, region, service, headers: signed } = AUTHORIZATION.exec(authorization)?.groups ?? {};
  const complete =
    signed?.split(";").includes("host") === true && headers["x-amz-date"]?.startsWith(date ?? "-") === true;
  if (accessKeyId === undefined || region === undefined || service === undefined || !complete)
    throw new AwsFailure(
      403,
      "IncompleteSignatureException",
      "Authorization header requires 'Credential', 'SignedHeaders' with host, 'Signature' and a matching X-Amz-Date.",
    );
  return { accessKeyId, region, service };
}
