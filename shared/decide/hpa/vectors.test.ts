import { describe, expect, test } from "vitest";
import {
  derived,
  type Given,
  upstream,
  type Vector,
  type VectorMetric,
  type VectorRules,
  type VectorState,
  type VectorTolerance,
} from "../../../test/fixtures/hpa/vectors.ts";
import type { ScalingRulesInput } from "../../policy/schema/behavior.ts";
import { type Behavior, resolveBehavior } from "./behavior-defaults.ts";
import { classify, DEFAULT_STARTUP, type Replica, type ReplicaClass } from "./classify.ts";
import { DEFAULT_DOWN_WINDOW } from "./constants.ts";
import { type Deviations, HPA_EXACT, NODE_DEFAULTS } from "./deviations.ts";
import { sumMilli } from "./numbers.ts";
import { averageLoad, perNodeTarget, type Tallied, tallyLoads, tallyUses } from "./per-node-target.ts";
import type { MetricFailure, MetricProposal, NodeCounts, Weighing } from "./proposal.ts";
import { rateLimit, scaleDownLimit, scaleUpLimit } from "./rate-limit.ts";
import { remember } from "./recommendations.ts";
import { hpaSync } from "./reconcile.ts";
import { changeWithin, isReusable, longestPeriod, recordScaleEvent } from "./scale-events.ts";
import { stabilize } from "./stabilize.ts";
import { totalPerNodeTarget, totalTarget } from "./total-target.ts";
import { clampWithoutBehavior, stabilizeWithoutBehavior } from "./without-behavior.ts";

const NOW = 1_700_000_000;
const ago = (age: number | null) => (age === null ? 0 : NOW - age);

const recommendationsOf = (list: Given<"stabilize">["recommendations"]) =>
  list.map((r) => ({ at: ago(r.ageSeconds), nodes: r.replicas }));
const eventsOf = (list: Given<"recordScaleEvent">["events"]) =>
  list.map((e) => ({ at: ago(e.ageSeconds), change: e.change }));
const logsOf = (given: Given<"rateLimit"> | Given<"scaleUpLimit">) => ({
  scaleUps: eventsOf(given.scaleUpEvents),
  scaleDowns: eventsOf(given.scaleDownEvents),
});

function rulesInput({ stabilizationWindowSeconds, selectPolicy, policies }: VectorRules): ScalingRulesInput {
  return {
    ...(stabilizationWindowSeconds === null ? {} : { stabilizationWindowSeconds }),
    selectPolicy,
    policies: policies.map((p) => ({ ...p, type: p.type === "Pods" ? "Nodes" : "Percent" })),
  };
}
const behaviorOf = (up: VectorRules, down: VectorRules): Behavior =>
  resolveBehavior({ scaleUp: rulesInput(up), scaleDown: rulesInput(down) });

const weighing = ({ scaleUp, scaleDown }: VectorTolerance): Weighing => ({
  tolerance: { up: scaleUp, down: scaleDown },
  deviations: HPA_EXACT,
});
const counts = (current: number, reported: number, ready: number): NodeCounts => ({
  current,
  reported,
  ready,
  upcoming: 0,
});

/** A replica that is in the state that a vector only names. */
function replicaIn(state: VectorState, sampled: boolean): Replica {
  const young = state === "warming";
  const startedAt = ago(young ? 60 : 600);
  return {
    phase: state === "pending" ? "pending" : state === "failed" ? "failed" : "running",
    deleting: state === "deleting",
    startedAt,
    readiness: { ready: state !== "notReady", since: startedAt + (young ? 30 : 1) },
    sample: sampled ? { at: NOW, window: young ? 60 : 30 } : null,
  };
}
const classOf = (state: VectorState, sample: number | null, cpu: boolean): ReplicaClass =>
  classify(replicaIn(state, sample !== null), cpu ? DEFAULT_STARTUP : null, NOW);

type Proposal = MetricProposal<MetricFailure> & { readonly averageLoad?: number };

function propose(
  tallied: Tallied,
  proposed: (tally: Extract<Tallied, { kind: "tally" }>["tally"]) => Proposal,
): Proposal {
  return tallied.kind === "failed" ? tallied : { ...proposed(tallied.tally), averageLoad: averageLoad(tallied.tally) };
}

function proposalOf(metric: Exclude<VectorMetric, { type: "failed" }>, nodes: NodeCounts, by: Weighing): Proposal {
  switch (metric.type) {
    case "utilization": {
      const { targetPercent, replicas } = metric;
      const uses = replicas.map(({ state, usageMilli, requestMilli }) => ({
        class: classOf(state, usageMilli, true),
        load: usageMilli ?? 0,
        request: requestMilli,
      }));
      const target = { measure: "utilization", targetPercent } as const;
      return propose(tallyUses(uses, targetPercent), (tally) => perNodeTarget(target, tally, nodes, by));
    }
    case "average": {
      const target = { measure: "average", target: metric.targetAverage } as const;
      const loads = metric.replicas.map((r) => ({ class: classOf(r.state, r.value, false), load: r.value ?? 0 }));
      return propose(tallyLoads(loads, target.target), (tally) => perNodeTarget(target, tally, nodes, by));
    }
    case "totalValue": {
      const ready = metric.readyReplicas;
      return totalTarget(sumMilli(metric.samples), metric.targetTotal, { ...nodes, ready }, by);
    }
    case "totalPerReplica":
      return totalPerNodeTarget(sumMilli(metric.samples), metric.targetPerReplica, nodes, by);
  }
}

const FAILURES: Partial<Record<MetricFailure, string>> = { noSamples: "noMetrics", noRequest: "missingRequest" };
/** The condition's reason that HPA gives when a metric of this type fails. */
const FAILED = {
  utilization: "FailedGetResourceMetric",
  average: "FailedGetPodsMetric",
  object: "FailedGetObjectMetric",
  external: "FailedGetExternalMetric",
};

function reconcile(given: Given<"reconcile">) {
  expect(given.defaultDownWindowSeconds).toBe(DEFAULT_DOWN_WINDOW);
  const { specReplicas: current, statusReplicas: reported, behavior, history, withoutBehavior } = given;
  const proposals = given.metrics.map((metric): MetricProposal<string> => {
    if (metric.type === "failed") return { kind: "failed", failure: metric.reason };
    const proposal = proposalOf(metric, counts(current, reported, reported), weighing(given.tolerance));
    if (proposal.kind === "proposed") return proposal;
    return { kind: "failed", failure: FAILED["form" in metric ? metric.form : metric.type] };
  });
  const synced = hpaSync({
    current,
    bounds: { min: given.minReplicas, max: given.maxReplicas },
    behavior: behavior === null ? null : behaviorOf(behavior.scaleUp, behavior.scaleDown),
    proposals,
    logs: {
      recommendations: history.seedWithCurrent ? null : recommendationsOf(history.recommendations),
      scaleUps: [],
      scaleDowns: [],
    },
    now: NOW,
    deviations: HPA_EXACT,
    growthCap: { factor: withoutBehavior.scaleUpFactor, floor: withoutBehavior.scaleUpFloor },
  });
  return {
    replicas: synced.nodes,
    action: synced.nodes > current ? "scale_up" : synced.nodes < current ? "scale_down" : "none",
    error: synced.failure === null ? "none" : "internal",
    conditions: Object.fromEntries(
      synced.conditions.map((c) => [c.type, `${c.status ? "True" : "False"}/${c.reason}`]),
    ),
  };
}

/** What our functions answer to a vector, in its words. */
function run(vector: Vector, deviations: Deviations): Readonly<Record<string, unknown>> {
  const limit = (direction: typeof scaleUpLimit, given: Given<"scaleUpLimit">) => {
    const rules = behaviorOf(given.rules, given.rules).scaleUp;
    return { limit: direction(given.currentReplicas, rules, logsOf(given), NOW, deviations) };
  };
  const single = (metric: Exclude<VectorMetric, { type: "failed" }>, current: number, by: VectorTolerance) => {
    const proposal = proposalOf(metric, counts(current, current, current), weighing(by));
    if (proposal.kind === "failed") return { error: FAILURES[proposal.failure] ?? proposal.failure };
    return { replicas: proposal.nodes, measured: proposal.measured, averageLoad: proposal.averageLoad };
  };
  switch (vector.kind) {
    case "clampWithoutBehavior": {
      const { currentReplicas, desiredReplicas, minReplicas: min, maxReplicas: max, ...growth } = vector.given;
      const cap = { factor: growth.scaleUpFactor, floor: growth.scaleUpFloor };
      const { nodes, reason } = clampWithoutBehavior(currentReplicas, desiredReplicas, { min, max }, cap);
      return { replicas: nodes, reason };
    }
    case "scaleUpLimit":
      return limit(scaleUpLimit, vector.given);
    case "scaleDownLimit":
      return limit(scaleDownLimit, vector.given);
    case "rateLimit": {
      const { currentReplicas, desiredReplicas, minReplicas: min, maxReplicas: max, scaleUp, scaleDown } = vector.given;
      const behavior = behaviorOf(scaleUp, scaleDown);
      const logs = logsOf(vector.given);
      const limited = rateLimit(currentReplicas, desiredReplicas, { min, max }, behavior, logs, NOW, deviations);
      return { replicas: limited.nodes, reason: limited.reason };
    }
    case "stabilizeWithoutBehavior": {
      const { desiredReplicas, windowSeconds: window, recommendations } = vector.given;
      const log = recommendationsOf(recommendations);
      const stored = remember(log, { at: NOW, nodes: desiredReplicas }, { up: window, down: window });
      return { replicas: stabilizeWithoutBehavior(desiredReplicas, log, NOW, window), storedEntries: stored.length };
    }
    case "stabilize": {
      const { currentReplicas, desiredReplicas, scaleUpWindowSeconds, scaleDownWindowSeconds } = vector.given;
      const log = recommendationsOf(vector.given.recommendations);
      const windows = { up: scaleUpWindowSeconds, down: scaleDownWindowSeconds };
      const { nodes } = stabilize(currentReplicas, desiredReplicas, log, NOW, windows);
      const stored = remember(log, { at: NOW, nodes: desiredReplicas }, windows);
      return { replicas: nodes, storedReplicas: stored.map((r) => r.nodes) };
    }
    case "recordScaleEvent": {
      const { replicaChange: change, events, rules, measurePeriodSeconds } = vector.given;
      const log = eventsOf(events);
      const changeWithinPeriodBefore = changeWithin(log, measurePeriodSeconds, NOW);
      // Without behavior HPA stores no event and marks none: nothing is ever too old.
      if (rules === null) {
        return { changeWithinPeriodBefore, eventsAfter: log.map((e) => ({ change: e.change, reusable: false })) };
      }
      const keep = longestPeriod(behaviorOf(rules, rules).scaleUp);
      const eventsAfter = recordScaleEvent(log, { at: NOW, change }, keep).map((e) => ({
        change: e.change,
        reusable: isReusable(e, keep, NOW),
      }));
      return { changeWithinPeriodBefore, eventsAfter };
    }
    case "utilizationReplicas": {
      const answer = single(
        { type: "utilization", ...vector.given },
        vector.given.currentReplicas,
        vector.given.tolerance,
      );
      if ("error" in answer) return answer;
      return { replicas: answer.replicas, utilizationPercent: answer.measured, averageUsageMilli: answer.averageLoad };
    }
    case "averageReplicas": {
      const answer = single({ type: "average", ...vector.given }, vector.given.currentReplicas, vector.given.tolerance);
      return { ...answer, average: answer.measured };
    }
    case "totalValueReplicas": {
      const answer = single(
        { type: "totalValue", ...vector.given },
        vector.given.currentReplicas,
        vector.given.tolerance,
      );
      return { ...answer, total: answer.measured };
    }
    case "totalPerReplicaReplicas": {
      const answer = single(
        { type: "totalPerReplica", ...vector.given },
        vector.given.currentReplicas,
        vector.given.tolerance,
      );
      return { ...answer, averagePerReplica: answer.measured };
    }
    case "classifyReplicas": {
      const { resource, warmupSeconds: warmup, readinessDelaySeconds: readinessDelay, replicas } = vector.given;
      const startup = resource === "cpu" ? { warmup, readinessDelay } : null;
      const classes = replicas.map(({ phase, deleting, startAgeSeconds, ready, sample }) =>
        classify(
          {
            phase: phase === "Pending" ? "pending" : phase === "Failed" ? "failed" : "running",
            deleting,
            startedAt: startAgeSeconds === null ? null : ago(startAgeSeconds),
            readiness: ready === null ? null : { ready: ready.status, since: ago(ready.transitionAgeSeconds) },
            sample: sample === null ? null : { at: ago(sample.ageSeconds), window: sample.windowSeconds },
          },
          startup,
          NOW,
        ),
      );
      const where = (wanted: ReplicaClass) => classes.flatMap((c, index) => (c === wanted ? [index] : []));
      return {
        readyCount: where("counted").length,
        unready: where("unready"),
        missing: where("missing"),
        ignored: where("ignored"),
      };
    }
    case "reconcile":
      return reconcile(vector.given);
  }
}

describe.each([
  ["upstream", upstream, 252],
  ["derived", derived, 34],
] as const)("HPA vectors, %s", (_, vectors, count) => {
  test(`are ${count}, each under its own id`, () => {
    expect(new Set(vectors.map((v) => v.id)).size).toBe(count);
  });

  test.each(vectors.map((v) => [v.id, v] as const))("%s", (_id, vector) => {
    const answer = run(vector, HPA_EXACT);
    for (const [field, expected] of Object.entries(vector.expect))
      expect([field, answer[field]]).toEqual([field, expected]);
    if ("conditions" in vector.expect) {
      const order = Object.keys(answer.conditions as object);
      expect(order).toEqual(Object.keys(vector.expect.conditions));
    }
  });
});

const exact = derived.filter((v) => v.exactInteger !== undefined);
test.each(exact.map((v) => [v.id, v] as const))("%s, in exact integers", (_id, vector) => {
  expect(run(vector, NODE_DEFAULTS).limit).toBe(vector.exactInteger);
  expect(run(vector, NODE_DEFAULTS).limit).not.toBe(run(vector, HPA_EXACT).limit);
});
test("four vectors say what exact integers would give", () => expect(exact).toHaveLength(4));
