import { expect, it } from "vitest";
import { loadedBy } from "../../test/support/loaded-by.ts";

/** What a process loads that tells of nothing new, under a policy with this `notify`, and opens its targets. */
const loadedFor = (notify: readonly object[]): readonly string[] =>
  loadedBy(`
    const { createTelling } = await import("./functions/telling.ts");
    const { createInMemory } = await import("./shared/memory/in-memory.ts");
    const policy = { fleet: "test", notify: ${JSON.stringify(notify)} };
    const telemetry = { info() {}, warn() {}, error() {}, count() {} };
    const deps = {
      policy: async () => ({ policy, revision: "r" }),
      memory: createInMemory(), telemetry, clock: () => 1000, newId: () => "id",
    };
    const secrets = { get: async () => "none" };
    await createTelling(deps, { secrets }).ofRefusedPolicy("line 3");`);

const telling = (urls: readonly string[]) =>
  urls.flatMap((url) => /shared\/notify\/([\w-]+)\.ts$/.exec(url)?.[1] ?? []).toSorted();
const snsClient = (urls: readonly string[]) => urls.filter((url) => url.includes("@aws-sdk/client-sns"));

const SLACK = { slack: { webhookUrlSecret: "hook" }, on: ["failed"] };

it("loads nothing of it for a policy that names nobody to tell", () => {
  expect(telling(loadedFor([]))).toEqual([]);
});

it("loads no SNS for a policy that names no topic", () => {
  const loaded = loadedFor([SLACK]);
  expect(telling(loaded)).toContain("slack");
  expect(telling(loaded)).not.toContain("sns");
  expect(snsClient(loaded)).toEqual([]);
});
