import { expect, test } from "vitest";
import { behavior } from "../../policy/schema/behavior.ts";
import { DEFAULT_BEHAVIOR, resolveBehavior } from "./behavior-defaults.ts";
import { toleranceOf } from "./tolerance.ts";

test("a policy that says nothing gets HPA's defaults", () => {
  expect(resolveBehavior(undefined)).toEqual({
    scaleUp: {
      stabilizationWindow: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Nodes", value: 4, periodSeconds: 15 },
        { type: "Percent", value: 100, periodSeconds: 15 },
      ],
      tolerance: 0.1,
    },
    scaleDown: {
      stabilizationWindow: 300,
      selectPolicy: "Max",
      policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
      tolerance: 0.1,
    },
  });
});

test("one field given leaves every other one at its default, in both directions", () => {
  const { scaleUp, scaleDown } = resolveBehavior(behavior.parse({ scaleUp: { tolerance: 0 } }));
  expect(scaleUp).toEqual({ ...DEFAULT_BEHAVIOR.scaleUp, tolerance: 0 });
  expect(scaleDown).toEqual(DEFAULT_BEHAVIOR.scaleDown);
});

test("zero, Disabled and a single policy are answers, not gaps", () => {
  const policies = [{ type: "Pods", value: 1, periodSeconds: 600 }];
  const given = { stabilizationWindowSeconds: 0, selectPolicy: "Disabled", policies, tolerance: 0 };
  expect(resolveBehavior(behavior.parse({ scaleDown: given })).scaleDown).toEqual({
    stabilizationWindow: 0,
    selectPolicy: "Disabled",
    policies: [{ type: "Nodes", value: 1, periodSeconds: 600 }],
    tolerance: 0,
  });
});

test("each direction falls back on the global tolerance by itself", () => {
  const given = behavior.parse({ scaleDown: { tolerance: 0.5 } });
  expect(toleranceOf(resolveBehavior(given))).toEqual({ up: 0.1, down: 0.5 });
});
