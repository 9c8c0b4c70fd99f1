import { expect, it } from "vitest";
import { toPoolError } from "./errors.ts";

const REF = { region: "eu-central-1", cluster: "gpu", nodegroup: "llm" };

/** What the SDK throws for a reply with this error code and status; no status: no reply. */
const thrown = (name: string, status?: number, message = "text") =>
  Object.assign(new Error(message), { name, $metadata: status === undefined ? {} : { httpStatusCode: status } });

it.each([
  ["ThrottlingException", 429, "Throttled"],
  ["ThrottlingException", 400, "Throttled"],
  ["Throttling", 400, "Throttled"],
  ["TooManyRequestsException", 429, "Throttled"],
  ["RequestLimitExceeded", 503, "Throttled"],
  ["ResourceInUseException", 409, "Busy"],
  ["ScalingActivityInProgress", 400, "Busy"],
  ["ResourceLimitExceededException", 400, "QuotaExceeded"],
  ["ServerException", 500, "Unavailable"],
  ["ServiceUnavailableException", 503, "Unavailable"],
  ["TimeoutError", undefined, "Unavailable"],
  ["AbortError", undefined, "Unavailable"],
  ["Error", undefined, "Unavailable"],
  ["SyntaxError", 200, "Unavailable"],
  ["ResourceNotFoundException", 404, "NotFound"],
  ["AccessDeniedException", 403, "Forbidden"],
  ["AccessDenied", 403, "Forbidden"],
  ["UnrecognizedClientException", 403, "Forbidden"],
  ["InvalidClientTokenId", 403, "Forbidden"],
  ["ExpiredTokenException", 400, "Forbidden"],
  ["CredentialsProviderError", undefined, "Forbidden"],
  ["SignatureDoesNotMatch", 403, "Forbidden"],
  ["InvalidParameterException", 400, "Invalid"],
  ["InvalidRequestException", 400, "Invalid"],
  ["ClientException", 400, "Invalid"],
  ["ValidationError", 400, "Invalid"],
  ["SomethingNew", 403, "Forbidden"],
  ["SomethingNew", 404, "NotFound"],
  ["SomethingNew", 409, "Busy"],
  ["SomethingNew", 418, "Invalid"],
  ["SomethingNew", 502, "Unavailable"],
])("%s with status %s is %s [F76] [F77] [F79] [F84] [F85]", (name, status, kind) => {
  const cause = thrown(name, status);

  const error = toPoolError(cause, "DescribeNodegroup", REF);

  expect(error).toMatchObject({ kind, cause });
  expect(error.message).toMatch(/^EKS node group gpu\/llm \(eu-central-1\): DescribeNodegroup .*\.$/);
});

it.each([
  ["TimeoutError", undefined, "got no answer in time"],
  ["AbortError", undefined, "the run's time was over"],
  ["SyntaxError", 200, "cannot be read"],
  ["InvalidParameterException", 400, "InvalidParameterException: text."],
])("says of %s what happened", (name, status, what) => {
  expect(toPoolError(thrown(name, status), "DescribeNodegroup", REF).message).toContain(what);
});

it("names the permission that is lacking, and not who lacks it", () => {
  const text =
    "User: arn:aws:sts::111122223333:assumed-role/vramp/x is not authorized to perform: eks:UpdateNodegroupConfig on resource: arn:aws:eks:eu-central-1:111122223333:nodegroup/gpu/llm/1";

  const { message } = toPoolError(thrown("AccessDeniedException", 403, text), "UpdateNodegroupConfig", REF);

  expect(message).toContain("may not call eks:UpdateNodegroupConfig");
  expect(message).not.toContain("111122223333");
});

it("names the socket's error when there was no reply", () => {
  const error = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });

  expect(toPoolError(error, "DescribeNodegroup", REF).message).toContain("ECONNREFUSED");
});

it("takes whatever is thrown, errors or not", () => {
  expect(toPoolError("boom", "DescribeNodegroup", REF)).toMatchObject({ kind: "Unavailable" });
  expect(toPoolError(undefined, "DescribeNodegroup", REF)).toMatchObject({ kind: "Unavailable" });
});
