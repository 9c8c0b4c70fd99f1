import { RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { IdentityError } from "../../identity/errors.ts";
import { toFailure, toPoolError } from "./errors.ts";

const REF = {
  subscription: "5c1a0f4e-9d57-4d5b-8a2e-0c7d8f7f6a11",
  resourceGroup: "ml",
  cluster: "gpu",
  agentPool: "llm",
};

const refused = (statusCode: number, code: string, message: string) =>
  toPoolError(new RestError(message, { statusCode, code }), "agentPools.createOrUpdate", REF, false);

describe("a refusal of Azure's", () => {
  it.each([
    [
      "Busy",
      409,
      "OperationNotAllowed",
      "Operation is not allowed: Another agentpool operation (user - Creating) is in progress, please wait for it to finish before starting a new operation.",
    ],
    ["Busy", 409, "OperationNotAllowed", "Another operation (Scaling) is in progress"],
    ["Busy", 409, "Conflict", "no further text"],
    ["Busy", 412, "PreconditionFailed", "The etag is not the pool's"],
    ["Throttled", 429, "SubscriptionRequestsThrottled", "Number of requests exceeded the limit"],
    ["Throttled", 409, "OperationThrottled", "Too many operations on this cluster"],
    ["QuotaExceeded", 400, "QuotaExceeded", "Provisioning of resource(s) failed"],
    [
      "QuotaExceeded",
      409,
      "OperationNotAllowed",
      "Operation could not be completed as it results in exceeding approved Total Regional Low-priority Cores quota.",
    ],
    ["NoCapacity", 409, "SkuNotAvailable", "The requested VM size is not available in location 'westeurope'"],
    ["NoCapacity", 400, "InsufficientSubnetSize", "Pre-allocated IPs 93 exceeds IPs available 59"],
    ["Forbidden", 401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than now"],
    ["Forbidden", 403, "AuthorizationFailed", "The client does not have authorization"],
    ["Forbidden", 409, "ScopeLocked", "The scope cannot perform write operation because it is locked"],
    ["NotFound", 404, "ResourceGroupNotFound", "Resource group 'ml' could not be found"],
    ["Invalid", 400, "PropertyChangeNotAllowed", "Changing property 'properties.vmSize' is not allowed"],
    ["Invalid", 400, "BadRequest", "Cannot scale cluster autoscaler enabled node pool."],
    ["Unavailable", 503, "ServerTimeout", "try again"],
    ["Unavailable", 500, "InternalServerError", "quota service is down"],
  ])("is %s: %i %s [F76] [F77] [F79] [F84] [F85]", (kind, statusCode, code, message) => {
    expect(refused(statusCode, code, message).kind).toBe(kind);
  });

  it.each([
    ["Cannot scale cluster autoscaler enabled node pool.", "--disable-cluster-autoscaler"],
    [
      "Cannot manually scale and enable cluster autoscaler in the same update operation on VMSS Agentpool 'llm'",
      "--disable-cluster-autoscaler",
    ],
    ["Agent pool llm is stopped", "az aks nodepool start"],
  ])("that only says what is wrong is told with what to do: %s", (message, advice) => {
    expect(refused(400, "BadRequest", message).message).toContain(advice);
  });

  it("names the missing permission, and nobody's ids", () => {
    const { message } = refused(
      403,
      "AuthorizationFailed",
      "The client 'a@b.example' with object id '11112222-3333-4000-8000-111122223333' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/agentPools/write' over scope '/subscriptions/11112222-3333-4000-8000-111122223333/x'.",
    );

    expect(message).toContain("lacks Microsoft.ContainerService/managedClusters/agentPools/write.");
    expect(message).not.toMatch(/11112222|a@b/);
  });

  it.each([
    [
      "a time-out",
      Object.assign(new Error("aborted"), { name: "AbortError" }),
      false,
      "Unavailable",
      "no answer in time",
    ],
    ["the end of the run", new Error("anything"), true, "Unavailable", "the run's time was over"],
    [
      "a broken connection",
      new RestError("socket hang up", { code: "ECONNRESET" }),
      false,
      "Unavailable",
      "ECONNRESET",
    ],
    ["an unreadable answer", new RestError("x", { code: "PARSE_ERROR" }), false, "Unavailable", "cannot be read"],
    ["an identity that is denied", new IdentityError("denied", "No trust."), false, "Forbidden", "was not tried"],
    ["an identity that cannot be had now", new IdentityError("unavailable", "Down."), false, "Unavailable", "Down."],
    ["what is no error", "oops", false, "Unavailable", "oops"],
  ] as const)("tells %s", (_, error, over, kind, what) => {
    const told = toPoolError(error, "agentPools.get", REF, over);

    expect(told.kind).toBe(kind);
    expect(told.message).toContain(what);
    expect(told.message).toMatch(/^AKS agent pool gpu\/llm \(ml\).*\.$/);
  });
});

describe("a failed operation [F80]", () => {
  it.each([
    ["NoCapacity", "SkuNotAvailable"],
    ["NoCapacity", "AllocationFailed"],
    ["NoCapacity", "ZonalAllocationFailed"],
    ["NoCapacity", "OverconstrainedAllocationRequest"],
    ["NoCapacity", "OverconstrainedZonalAllocationRequest"],
    ["QuotaExceeded", "QuotaExceeded"],
    ["NotFound", "ResourceGroupNotFound"],
    ["Forbidden", "LinkedAuthorizationFailed"],
    ["Unavailable", "VMExtensionProvisioningError"],
  ])("is %s: %s", (kind, code) => {
    expect(toFailure({ code, message: "no further text" }, REF).kind).toBe(kind);
  });

  it("is known by the cause that AKS quotes", () => {
    const failure = toFailure(
      {
        code: "ReconcileVMSSAgentPoolFailed",
        message:
          'We are unable to serve this request. Details: Code="AllocationFailed" Message="We do not have sufficient capacity for the requested VM size in this region."',
      },
      REF,
    );

    expect(failure.kind).toBe("NoCapacity");
    expect(failure.message).toContain("ReconcileVMSSAgentPoolFailed");
  });
});
