import fc from "fast-check";
import { expect, test } from "vitest";
import { anyPolicy } from "../../test/support/arbitrary-policy.ts";
import { formatChecked, readChecked } from "./checked.ts";
import { loadPolicy } from "./load.ts";
import { revisionOf } from "./revision.ts";

const TEXT = `version: 1
fleet: test
sources: { prom: { prometheus: { url: "https://prom.example" } } }
signals: { queue: { source: prom, query: "sum(q)", maxAge: 90s } }
workloads:
  llm:
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 0, max: 4 }
    pools: [{ name: spot, capacity: spot, eks: { region: eu-central-1, cluster: c, nodegroup: n } }]
    targets: [{ signal: queue, perNode: 5 }]
`;
const loaded = loadPolicy(TEXT, "policy.yaml");
if (!loaded.ok) throw new Error(loaded.issues.map((issue) => issue.message).join());
const JSON_TEXT = formatChecked(loaded, TEXT, "c0de");

test("a checked policy is read as it was loaded, with its revision", () => {
  const { policy, revision } = loaded;
  expect(readChecked(JSON_TEXT, TEXT, "c0de")).toEqual({ policy, revision });
});

test("whatever passes the schema comes back as it went", () => {
  fc.assert(
    fc.property(anyPolicy(), (policy) => {
      const accepted = { policy, revision: revisionOf(policy) };
      expect(readChecked(formatChecked(accepted, "text", "c0de"), "text", "c0de")).toEqual(accepted);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["whose text has changed", JSON_TEXT, TEXT.replace("max: 4", "max: 40"), "c0de"],
  ["that other code checked", JSON_TEXT, TEXT, "more"],
  ["whose values have changed since", JSON_TEXT.replace('"max":4', '"max":40'), TEXT, "c0de"],
  ["whose revision has changed since", JSON_TEXT.replace(loaded.revision, "0".repeat(64)), TEXT, "c0de"],
  ["that is cut off", JSON_TEXT.slice(0, -9), TEXT, "c0de"],
  ["that holds no policy", JSON.stringify({ ...JSON.parse(JSON_TEXT), policy: null }), TEXT, "c0de"],
  ["that is a list", "[]", TEXT, "c0de"],
])("one %s is none", (_, json, text, checks) => {
  expect(readChecked(json, text, checks)).toBeNull();
});
