import { expect, test } from "vitest";
import { resolveBehavior } from "./behavior-defaults.ts";
import { HPA_EXACT } from "./deviations.ts";
import { rateLimit } from "./rate-limit.ts";
import { shortcut } from "./shortcut.ts";

const NOW = 1000;
const policies = [{ type: "Nodes", value: 4, periodSeconds: 60 } as const];
const FOUR_A_MINUTE = resolveBehavior({ scaleUp: { policies }, scaleDown: { policies } });
const NONE = { scaleUps: [], scaleDowns: [] };

test.each([
  ["the rate, below the maximum", 10, 50, { min: 1, max: 15 }, { nodes: 14, reason: "ScaleUpLimit" }],
  [
    "the maximum, where the rate allows exactly as much",
    10,
    50,
    { min: 1, max: 14 },
    { nodes: 14, reason: "TooManyReplicas" },
  ],
  ["the maximum, below the rate", 10, 50, { min: 1, max: 13 }, { nodes: 13, reason: "TooManyReplicas" }],
  ["the rate, above the minimum", 10, 0, { min: 5, max: 99 }, { nodes: 6, reason: "ScaleDownLimit" }],
  [
    "the minimum, where the rate allows exactly as much",
    10,
    0,
    { min: 6, max: 99 },
    { nodes: 6, reason: "TooFewReplicas" },
  ],
  ["the minimum, above the rate", 10, 0, { min: 7, max: 99 }, { nodes: 7, reason: "TooFewReplicas" }],
  ["nothing", 10, 12, { min: 1, max: 99 }, { nodes: 12, reason: "DesiredWithinRange" }],
])("what limits is %s", (_, current, wanted, bounds, expected) => {
  expect(rateLimit(current, wanted, bounds, FOUR_A_MINUTE, NONE, NOW, HPA_EXACT)).toEqual(expected);
});

test("outside the bounds there is a shortcut; at an unwanted zero a pause; else neither", () => {
  const bounds = { min: 2, max: 6 };
  expect(shortcut(0, bounds)).toEqual({ kind: "paused" });
  expect(shortcut(1, bounds)).toEqual({ kind: "outside", nodes: 2 });
  expect(shortcut(7, bounds)).toEqual({ kind: "outside", nodes: 6 });
  expect(shortcut(2, bounds)).toBeNull();
  expect(shortcut(6, bounds)).toBeNull();
  expect(shortcut(0, { min: 0, max: 6 })).toBeNull();
});
