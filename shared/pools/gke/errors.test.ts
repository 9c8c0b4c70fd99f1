import { expect, it } from "vitest";
import { IdentityError } from "../../identity/errors.ts";
import { mayPassAtOnce, toPoolError } from "./errors.ts";
import { toFailure } from "./issues.ts";

const REF = { project: "acme", location: "europe-west4", cluster: "gpu", nodePool: "llm" };

/** What the SDK throws for a reply with this gRPC code. */
const sdk = (code: number, message = "text", reason?: string, httpStatusCode = 400) =>
  Object.assign(new Error(message), { code, httpStatusCode, ...(reason === undefined ? {} : { reason }) });
/** What the auth library throws for a reply with this HTTP status. */
const http = (status: number, message = "text", reason = "any") =>
  Object.assign(new Error(message), { status, response: { data: { error: { message, errors: [{ reason }] } } } });

it.each([
  [sdk(3), "Invalid"],
  [sdk(5), "NotFound"],
  [sdk(7), "Forbidden"],
  [sdk(16), "Forbidden"],
  [sdk(8), "Throttled"],
  [sdk(8, "Quota 'NVIDIA_L4_GPUS' exceeded. Limit: 4.0 in region europe-west4."), "QuotaExceeded"],
  [sdk(8, "Quota exceeded for quota metric 'Reads' and limit 'Reads per minute'", "RATE_LIMIT_EXCEEDED"), "Throttled"],
  [sdk(8, 'Too many operations: cluster "gpu" hits the concurrent operations quota 5'), "Busy"],
  [sdk(9, "Cluster is running incompatible operation operation-1.", "CLUSTER_ALREADY_HAS_OPERATION"), "Busy"],
  [sdk(9, "Cluster is running incompatible operation operation-1."), "Busy"],
  [
    sdk(9, "Operation operation-1 is currently upgrading cluster gpu. Please wait and try again once it is done."),
    "Busy",
  ],
  [sdk(9, "Autoscaling is not possible here"), "Invalid"],
  [sdk(14), "Unavailable"],
  [sdk(13), "Unavailable"],
  [sdk(4), "Unavailable"],
  [http(400), "Invalid"],
  [http(400, "The resource is not ready", "resourceNotReady"), "Busy"],
  [http(401), "Forbidden"],
  [http(403), "Forbidden"],
  [http(403, "Rate Limit Exceeded", "rateLimitExceeded"), "Throttled"],
  [http(403, "Quota 'CPUS' exceeded.", "quotaExceeded"), "QuotaExceeded"],
  [http(404), "NotFound"],
  [http(429), "Throttled"],
  [http(503), "Unavailable"],
] as const)("%s is %s [F76] [F77] [F79] [F84] [F85]", (cause, kind) => {
  const error = toPoolError(cause, "setNodePoolSize", REF);

  expect(error).toMatchObject({ kind, cause });
  expect(error.message).toMatch(/^GKE node pool gpu\/llm \(acme, europe-west4\): setNodePoolSize .*\.$/);
});

it("names the permission that is lacking, and not who lacks it", () => {
  const text = `Required "container.clusters.update" permission(s) for vramp@acme.iam.gserviceaccount.com.`;

  const { message } = toPoolError(sdk(7, text), "setNodePoolSize", REF);

  expect(message).toContain("lacks container.clusters.update");
  expect(message).not.toContain("@");
});

it("tells an identity that could not be taken on from a cloud that is away, however deep it is buried", () => {
  const denied = new IdentityError("denied", "Google's workload identity was refused. Look at docs/identity.md.");
  const buried = Object.assign(new Error("failed", { cause: denied }), { code: 14 });

  expect(toPoolError(buried, "getNodePool", REF)).toMatchObject({ kind: "Forbidden" });
  expect(mayPassAtOnce(buried)).toBe(false);
});

it("tries again only what may pass at once: not what cannot be read", () => {
  const socket = Object.assign(new Error("failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }), {
    code: 14,
  });
  const unreadable = Object.assign(new Error("Unexpected token", { cause: new SyntaxError("x") }), { code: 14 });

  expect([socket, sdk(14, "away", undefined, 503), sdk(8), sdk(4)].map(mayPassAtOnce)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([unreadable, sdk(7), sdk(9, "incompatible operation"), "boom"].map(mayPassAtOnce)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

it.each([
  ["GCE_STOCKOUT", "", "NoCapacity"],
  ["ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", "", "NoCapacity"],
  ["GCE_QUOTA_EXCEEDED", "", "QuotaExceeded"],
  ["code 8", "The zone does not have enough resources available to fulfill the request.", "NoCapacity"],
  ["GKE_SERVICE_ACCOUNT_DELETED", "", "Invalid"],
  ["SOMETHING_NEW", "never heard of", "Unavailable"],
])("a node pool's own problem %s (%s) is %s [F78] [F79]", (code, message, kind) => {
  expect(toFailure({ code, message }, REF)).toMatchObject({ kind, message: expect.stringContaining(code) });
});
