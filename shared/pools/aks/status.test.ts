import { expect, it } from "vitest";
import { agentPoolReply } from "./replies.ts";
import { issuesOf, outcomeIn, statusOf } from "./status.ts";

const REF = { subscription: "s", resourceGroup: "ml", cluster: "gpu", agentPool: "llm" };
const poolIn = (provisioningState: string, more: object = {}) =>
  agentPoolReply.parse({ count: 2, provisioningState, ...more });

it.each([
  ["Succeeded", "active", "succeeded"],
  ["Failed", "degraded", "failed"],
  ["Canceled", "degraded", "failed"],
  ["Scaling", "updating", "running"],
  ["Updating", "updating", "running"],
  ["Upgrading", "updating", "running"],
  ["Creating", "updating", "running"],
  ["Canceling", "updating", "running"],
  // The pool's end, or the removal of machines by name: only the pool's absence tells.
  ["Deleting", "updating", "running"],
  ["SomethingNew", "updating", "running"],
])("a pool that is %s is %s, and its operation %s", (state, status, outcome) => {
  expect(statusOf(poolIn(state))).toBe(status);
  expect(outcomeIn(poolIn(state), REF).kind).toBe(outcome);
});

it("finds the reason of a failure among nested causes", () => {
  const cause = { code: "ZonalAllocationFailed", message: "Allocation failed in zone 2." };
  const error = { code: "Failed", message: "The operation failed.", details: [{ code: "Inner", details: [cause] }] };

  expect(issuesOf(poolIn("Failed", { status: { provisioningError: error } }), REF)).toMatchObject([
    { kind: "NoCapacity", message: expect.stringContaining("Allocation failed in zone 2") },
  ]);
});

it("says that AKS gives no reason where it gives none", () => {
  expect(issuesOf(poolIn("Failed"), REF)).toMatchObject([
    { kind: "Unavailable", message: expect.stringContaining("AKS gives no reason") },
  ]);
});
