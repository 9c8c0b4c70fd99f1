import fc from "fast-check";
import { expect, test } from "vitest";
import { type Behavior, resolveBehavior } from "./behavior-defaults.ts";
import { type Deviations, HPA_EXACT, NODE_DEFAULTS } from "./deviations.ts";
import { nodesFrom } from "./numbers.ts";
import { perNodeTarget, tallyLoads } from "./per-node-target.ts";
import type { NodeCounts, Weighing } from "./proposal.ts";
import { type Bounds, rateLimit, UNBOUNDED } from "./rate-limit.ts";
import { remember, trimRecommendations } from "./recommendations.ts";
import type { ScaleLogs } from "./scale-events.ts";
import { stabilize } from "./stabilize.ts";
import { totalPerNodeTarget, totalTarget } from "./total-target.ts";

const NOW = 1_700_000_000;
const size = fc.integer({ min: 0, max: 200 });
const age = fc.integer({ min: 0, max: 700 });
const at = age.map((a) => NOW - a);
const recommendations = fc.array(fc.record({ at, nodes: size }), { maxLength: 30 });
const windows = fc.record({ up: fc.integer({ min: 0, max: 600 }), down: fc.integer({ min: 0, max: 600 }) });
const events = fc.array(fc.record({ at, change: fc.integer({ min: 1, max: 50 }) }), { maxLength: 10 });
const logs: fc.Arbitrary<ScaleLogs> = fc.record({ scaleUps: events, scaleDowns: events });
const deviations: fc.Arbitrary<Deviations> = fc.constantFrom(HPA_EXACT, NODE_DEFAULTS);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const policy = fc.record({
  type: fc.constantFrom("Nodes" as const, "Percent" as const),
  value: fc.integer({ min: 1, max: 1000 }),
  periodSeconds: fc.integer({ min: 1, max: 600 }),
});
const rules = fc.record({
  selectPolicy: fc.constantFrom("Max" as const, "Min" as const, "Disabled" as const),
  policies: fc.array(policy, { minLength: 1, maxLength: 4 }),
});
const behavior: fc.Arbitrary<Behavior> = fc.record({ scaleUp: rules, scaleDown: rules }).map(resolveBehavior);

/** Bounds, and a size within them. */
const within: fc.Arbitrary<{ bounds: Bounds; current: number }> = fc
  .tuple(size, size, size)
  .map(([a, b, c]) => [a, b, c].toSorted((x, y) => x - y))
  .map(([min = 0, current = 0, max = 0]) => ({ bounds: { min, max }, current }));

const isCount = (n: number) => Number.isInteger(n) && n >= 0 && !Object.is(n, -0);

const counts: fc.Arbitrary<NodeCounts> = fc.tuple(size, size, size).map(([ready, upcoming, stuck]) => ({
  current: ready + upcoming + stuck,
  reported: ready + upcoming + stuck,
  ready,
  upcoming,
}));
const weighing: fc.Arbitrary<Weighing> = fc.record({
  tolerance: fc.record({
    up: fc.double({ min: 0, max: 3, noNaN: true }),
    down: fc.double({ min: 0, max: 2, noNaN: true }),
  }),
  deviations,
});

test("a size within its bounds stays within them, and moves only towards what is wanted", () => {
  fc.assert(
    fc.property(within, size, behavior, logs, deviations, ({ bounds, current }, wanted, rates, changes, rule) => {
      const { nodes } = rateLimit(current, wanted, bounds, rates, changes, NOW, rule);
      if (wanted !== current) {
        expect(nodes).toBeGreaterThanOrEqual(bounds.min);
        expect(nodes).toBeLessThanOrEqual(bounds.max);
      }
      expect(nodes).toBeGreaterThanOrEqual(Math.min(current, wanted));
      expect(nodes).toBeLessThanOrEqual(Math.max(current, wanted));
      expect(isCount(nodes)).toBe(true);
    }),
  );
});

test("a size outside its bounds is never taken further out", () => {
  fc.assert(
    fc.property(size, size, size, size, behavior, logs, (current, wanted, a, b, rates, changes) => {
      const bounds = { min: Math.min(a, b), max: Math.max(a, b) };
      const { nodes } = rateLimit(current, wanted, bounds, rates, changes, NOW, HPA_EXACT);
      expect(nodes).toBeLessThanOrEqual(Math.max(bounds.max, current));
      expect(nodes).toBeGreaterThanOrEqual(Math.min(bounds.min, current));
    }),
  );
});

test("rates first and bounds later come to the same size as both at once", () => {
  fc.assert(
    fc.property(within, size, behavior, logs, deviations, ({ bounds, current }, wanted, rates, changes, rule) => {
      const together = rateLimit(current, wanted, bounds, rates, changes, NOW, rule).nodes;
      const alone = rateLimit(current, wanted, UNBOUNDED, rates, changes, NOW, rule).nodes;
      expect(Math.min(Math.max(alone, bounds.min), bounds.max)).toBe(together);
    }),
  );
});

test("`Disabled` both ways moves nothing that is within its bounds", () => {
  const off = { selectPolicy: "Disabled" } as const;
  const disabled = resolveBehavior({ scaleUp: off, scaleDown: off });
  fc.assert(
    fc.property(within, size, logs, ({ bounds, current }, wanted, changes) => {
      expect(rateLimit(current, wanted, bounds, disabled, changes, NOW, HPA_EXACT).nodes).toBe(current);
    }),
  );
});

test("a stabilized size lies between the lowest and the highest, which hold the proposal between them", () => {
  fc.assert(
    fc.property(size, size, recommendations, windows, (current, proposed, log, spans) => {
      const { nodes, low, high } = stabilize(current, proposed, log, NOW, spans);
      expect(low).toBeLessThanOrEqual(Math.min(nodes, proposed));
      expect(high).toBeGreaterThanOrEqual(Math.max(nodes, proposed));
      expect(isCount(nodes)).toBe(true);
    }),
  );
});

test("stabilizing what is stable changes nothing", () => {
  fc.assert(
    fc.property(size, size, recommendations, windows, (current, proposed, log, spans) => {
      const { nodes } = stabilize(current, proposed, log, NOW, spans);
      expect(stabilize(nodes, proposed, log, NOW, spans).nodes).toBe(nodes);
      expect(stabilize(nodes, nodes, log, NOW, spans).nodes).toBe(nodes);
    }),
  );
});

test("a larger proposal never ends as a smaller size", () => {
  fc.assert(
    fc.property(
      fc.tuple(within, size, size, recommendations, windows, behavior, logs, deviations),
      ([{ bounds, current }, a, b, log, spans, rates, changes, rule]) => {
        const decide = (proposed: number) => {
          const { nodes } = stabilize(current, proposed, log, NOW, spans);
          return rateLimit(current, nodes, bounds, rates, changes, NOW, rule).nodes;
        };
        expect(decide(Math.min(a, b))).toBeLessThanOrEqual(decide(Math.max(a, b)));
      },
    ),
  );
});

test("trimming the log changes no decision, now or later", () => {
  const later = fc.integer({ min: 0, max: 700 });
  fc.assert(
    fc.property(size, size, recommendations, windows, later, (current, proposed, log, spans, wait) => {
      const trimmed = trimRecommendations(log, NOW, spans);
      const decide = (entries: typeof log) => stabilize(current, proposed, entries, NOW + wait, spans);
      expect(decide([...trimmed])).toEqual(decide(log));
      expect(trimmed.length).toBeLessThanOrEqual(new Set(log.map((r) => r.nodes)).size);
    }),
  );
});

test("reusing an entry's place changes no decision", () => {
  fc.assert(
    fc.property(size, size, size, recommendations, windows, age, (current, first, next, log, spans, wait) => {
      const entry = { at: NOW, nodes: first };
      const decide = (entries: typeof log) => stabilize(current, next, entries, NOW + wait, spans);
      expect(decide([...remember(log, entry, spans)])).toEqual(decide([...log, entry]));
    }),
  );
});

test("any number at all becomes a count of nodes [F44]", () => {
  fc.assert(fc.property(fc.double(), (quantity) => isCount(nodesFrom(quantity))));
});

test("a total proposes a whole, non-negative number of nodes for any finite input [F44]", () => {
  const target = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(finite, target, counts, weighing, (total, wanted, nodes, by) => {
      for (const proposal of [totalTarget(total, wanted, nodes, by), totalPerNodeTarget(total, wanted, nodes, by)]) {
        if (proposal.kind === "proposed") expect(isCount(proposal.nodes)).toBe(true);
      }
    }),
  );
});

test("a per-node average proposes a whole, non-negative number of nodes for any finite input", () => {
  const nodes = fc.array(
    fc.record({ class: fc.constantFrom("counted", "missing", "unready", "ignored" as const), load: finite }),
    { minLength: 1, maxLength: 8 },
  );
  const target = fc.double({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(nodes, target, counts, weighing, (loads, wanted, there, by) => {
      const tallied = tallyLoads(loads, wanted);
      if (tallied.kind === "failed") return;
      const proposal = perNodeTarget({ measure: "average", target: wanted }, tallied.tally, there, by);
      if (proposal.kind === "proposed") expect(isCount(proposal.nodes)).toBe(true);
    }),
  );
});

const milli = fc.integer({ min: 0, max: 2_000_000 });
const proposed = (p: { kind: "proposed"; nodes: number } | { kind: "failed" }) =>
  p.kind === "proposed" ? p.nodes : null;

test("with the node defaults more load never asks for fewer nodes, whatever is ready, under way or stuck", () => {
  const missing = fc.integer({ min: 0, max: 5 });
  const target = fc.integer({ min: 1, max: 500_000 });
  fc.assert(
    fc.property(
      fc.tuple(milli, milli, target, counts, weighing, missing),
      ([a, b, wanted, nodes, { tolerance }, unsampled]) => {
        const by = { tolerance, deviations: NODE_DEFAULTS };
        const average = (load: number) => {
          const counted = Math.max(0, nodes.ready - unsampled);
          const loads = Array.from({ length: nodes.ready }, (_, i) =>
            i < counted ? ({ class: "counted", load } as const) : ({ class: "missing", load: 0 } as const),
          );
          const tallied = tallyLoads(loads, wanted);
          if (tallied.kind === "failed") return null;
          return proposed(perNodeTarget({ measure: "average", target: wanted }, tallied.tally, nodes, by));
        };
        const metrics = [
          average,
          (total: number) => proposed(totalTarget(total, wanted, nodes, by)),
          (total: number) => proposed(totalPerNodeTarget(total, wanted, nodes, by)),
        ];
        for (const metric of metrics) {
          const less = metric(Math.min(a, b));
          const more = metric(Math.max(a, b));
          expect(less === null).toBe(more === null);
          if (less !== null && more !== null) expect(less).toBeLessThanOrEqual(more);
        }
      },
    ),
    { numRuns: 500 },
  );
});
