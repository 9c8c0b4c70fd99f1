import { expect, test } from "vitest";
import type { BehaviorInput } from "../../policy/schema/behavior.ts";
import { resolveBehavior } from "./behavior-defaults.ts";
import { HPA_EXACT } from "./deviations.ts";
import type { MetricProposal } from "./proposal.ts";
import { hpaSync, type SyncLogs } from "./reconcile.ts";

const NOW = 1_700_000_000;
const EMPTY: SyncLogs = { recommendations: [], scaleUps: [], scaleDowns: [] };
const proposing = (nodes: number): MetricProposal<string> => ({ kind: "proposed", nodes, measured: nodes });
const failing = (failure: string): MetricProposal<string> => ({ kind: "failed", failure });

interface Case {
  readonly current: number;
  readonly proposals?: readonly MetricProposal<string>[];
  readonly logs?: SyncLogs;
  readonly now?: number;
  readonly behavior?: BehaviorInput;
  readonly bounds?: { readonly min: number; readonly max: number };
}
const sync = ({ current, proposals = [], logs = EMPTY, now = NOW, behavior, bounds = { min: 1, max: 100 } }: Case) =>
  hpaSync({
    current,
    bounds,
    behavior: resolveBehavior(behavior),
    proposals,
    logs,
    now,
    deviations: HPA_EXACT,
  });

test("a cold start without a log shrinks nothing for one down window; with an empty log it may", () => {
  const unknown = { ...EMPTY, recommendations: null };
  const first = sync({ current: 8, proposals: [proposing(2)], logs: unknown });
  expect(first.nodes).toBe(8);
  expect(sync({ current: 8, proposals: [proposing(2)], logs: first.logs, now: NOW + 299 }).nodes).toBe(8);
  expect(sync({ current: 8, proposals: [proposing(2)], logs: first.logs, now: NOW + 300 }).nodes).toBe(2);
  expect(sync({ current: 8, proposals: [proposing(2)] }).nodes).toBe(2);
});

test("what is remembered is the raw proposal, above the maximum too", () => {
  const { nodes, logs } = sync({ current: 5, proposals: [proposing(1000)], bounds: { min: 1, max: 10 } });
  expect(nodes).toBe(10);
  expect(logs.recommendations).toEqual([{ at: NOW, nodes: 1000 }]);
});

test("growth is limited by the period's own start, and doubles again once the period is over", () => {
  const first = sync({ current: 1, proposals: [proposing(50)] });
  expect(first.nodes).toBe(5);
  expect(first.logs.scaleUps).toEqual([{ at: NOW, change: 4 }]);
  expect(sync({ current: 5, proposals: [proposing(50)], logs: first.logs, now: NOW + 14 }).nodes).toBe(5);
  expect(sync({ current: 5, proposals: [proposing(50)], logs: first.logs, now: NOW + 15 }).nodes).toBe(10);
});

test("a lowered maximum binds at once, through windows, rates and Disabled, and eats the next period's budget", () => {
  const off = { selectPolicy: "Disabled" } as const;
  const shortcut = sync({ current: 9, bounds: { min: 1, max: 6 }, behavior: { scaleUp: off, scaleDown: off } });
  expect(shortcut.nodes).toBe(6);
  expect(shortcut.logs.scaleDowns).toEqual([{ at: NOW, change: 3 }]);
});

test("metrics that fail hold the size and leave the log as it was; the first one is named", () => {
  const held = sync({ current: 5, proposals: [proposing(4), failing("first"), failing("second")] });
  expect(held).toMatchObject({ nodes: 5, failure: "first", logs: EMPTY });
});

test("a metric that failed does not block growth, nor staying, and staying is remembered", () => {
  expect(sync({ current: 5, proposals: [failing("one"), proposing(7)] })).toMatchObject({ nodes: 7, failure: "one" });
  const stays = sync({ current: 5, proposals: [failing("one"), proposing(5)] });
  expect(stays.logs.recommendations).toEqual([{ at: NOW, nodes: 5 }]);
});

test("no metrics at all hold the size", () => {
  expect(sync({ current: 5 })).toMatchObject({ nodes: 5, failure: null });
});

test("a change is noted in the log of its direction only", () => {
  const { logs } = sync({ current: 5, proposals: [proposing(3)] });
  expect(logs.scaleUps).toEqual([]);
  expect(logs.scaleDowns).toEqual([{ at: NOW, change: 2 }]);
});

test("an event keeps its place as long as its own direction's policies look back", () => {
  const logs = { ...EMPTY, scaleDowns: [{ at: NOW - 100, change: 1 }] };
  const policies = [{ type: "Nodes", value: 9, periodSeconds: 600 } as const];
  const shrunk = sync({ current: 5, proposals: [proposing(3)], logs, behavior: { scaleDown: { policies } } });
  expect(shrunk.logs.scaleDowns).toEqual([
    { at: NOW - 100, change: 1 },
    { at: NOW, change: 2 },
  ]);
});
