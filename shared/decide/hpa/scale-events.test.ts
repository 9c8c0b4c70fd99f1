import { expect, test } from "vitest";
import { resolveBehavior } from "./behavior-defaults.ts";
import { longestPeriod, recordChange, trimScaleLogs } from "./scale-events.ts";

const NOW = 1000;
const NONE = { scaleUps: [], scaleDowns: [] };

test("the longest period is that of all the rules given", () => {
  const policies = [{ type: "Nodes", value: 1, periodSeconds: 600 } as const];
  const { scaleUp, scaleDown } = resolveBehavior({ scaleDown: { policies } });
  expect(longestPeriod(scaleUp)).toBe(15);
  expect(longestPeriod(scaleUp, scaleDown)).toBe(600);
});

test("a change is noted as a positive number in the log of its direction; no change, not at all", () => {
  expect(recordChange(NONE, 2, 5, NOW, 60)).toEqual({ scaleUps: [{ at: NOW, change: 3 }], scaleDowns: [] });
  expect(recordChange(NONE, 5, 2, NOW, 60)).toEqual({ scaleUps: [], scaleDowns: [{ at: NOW, change: 3 }] });
  expect(recordChange(NONE, 5, 5, NOW, 60)).toEqual(NONE);
});

test("trimming leaves what a policy can still see, in both logs", () => {
  const young = { at: NOW - 60, change: 1 };
  const old = { at: NOW - 61, change: 2 };
  const logs = { scaleUps: [old, young], scaleDowns: [young, old] };
  expect(trimScaleLogs(logs, NOW, 60)).toEqual({ scaleUps: [young], scaleDowns: [young] });
});
