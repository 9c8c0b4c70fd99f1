import { describe, expect, it } from "vitest";
import { NOON } from "../../test/support/fleet.ts";
import type { Decision } from "../model/decision.ts";
import type { MetProblem } from "../model/outbox.ts";
import type { PoolErrorKind } from "../model/pool.ts";
import type { Reason } from "../model/reasons.ts";
import type { Facts } from "./facts.ts";
import { FORGET_AFTER, LASTING, MAX_LINES, PASSED_AFTER } from "./limits.ts";
import { noticeOf, policyRefused } from "./notice.ts";
import { meet } from "./problems.ts";

/** A decision that a stage bound: from `current` it would be `wish`, and comes to `want`. */
function decisionOf(reason: Reason, current: number, wish: number, want: number): Decision {
  const bound = { stage: "bounds", want, reason, detail: "why it is so" };
  return {
    workload: "llm",
    at: NOON,
    current,
    ready: current,
    want,
    pools: {},
    remove: {},
    reason,
    detail: bound.detail,
    stages: [{ stage: "demand", want: wish, reason: "RuleMatched", detail: "queue is 120" }, bound],
  };
}

const QUIET: Facts = {
  fleet: "prod",
  workload: "llm",
  decision: decisionOf("NoRuleMatched", 2, 2, 2),
  observing: false,
  waitIsOver: false,
  stopped: false,
  accepted: [],
  tookEffect: [],
  failed: [],
  unseen: [],
  settled: [],
};
const factsOf = (more: Partial<Facts>): Facts => ({ ...QUIET, ...more });
const refused = (kind: PoolErrorKind, pool = "spot") => ({
  pool,
  from: 2,
  to: 4,
  error: { kind, message: `${pool} said no. Do this` },
});
const blocked = (reason: Reason) => factsOf({ decision: decisionOf(reason, 2, 4, 2) });

/** Runs over time, each with what it met: the occasions of which people are told at each. */
function told(...runs: readonly (readonly [at: number, facts: Facts])[]): readonly (readonly string[])[] {
  let problems: readonly MetProblem[] = [];
  return runs.map(([at, facts]) => {
    const met = meet(problems, facts, NOON + at);
    problems = met.problems;
    return noticeOf(facts, met)?.occasions ?? [];
  });
}
const noticeFor = (facts: Facts) => noticeOf(facts, meet([], facts, NOON));

describe("people are told", () => {
  it("of a size that the cloud accepted: from what to what, by pool, and why", () => {
    const decision = decisionOf("RuleMatched", 2, 5, 5);
    const accepted = [
      { pool: "spot", from: 1, to: 3 },
      { pool: "od", from: 1, to: 2 },
    ];
    expect(noticeFor(factsOf({ decision, accepted }))).toEqual({
      occasions: ["scaled"],
      fleet: "prod",
      workload: "llm",
      headline: "llm: 2 → 5 nodes",
      what: ["2 → 5 nodes", "spot 1 → 3", "od 1 → 2"],
      why: ["RuleMatched: why it is so"],
      toDo: [],
      command: "vramp explain llm",
    });
  });

  it("of a change that nobody heard of until the pool showed it, with the size before it", () => {
    const tookEffect = [{ pool: "spot", from: 0, to: 2 }];
    expect(noticeFor(factsOf({ tookEffect }))).toMatchObject({ headline: "llm: 0 → 2 nodes" });
  });

  it("of a move between pools", () => {
    const accepted = [
      { pool: "spot", from: 0, to: 2 },
      { pool: "od", from: 2, to: 0 },
    ];
    expect(noticeFor(factsOf({ accepted }))).toMatchObject({ headline: "llm: 2 nodes, moved between pools" });
  });

  it.each<Reason>([
    "GuardActive",
    "HeadroomLow",
    "BudgetReached",
    "PriceUnknown",
    "SpendingUnknown",
    "NoCapacity",
    "QuotaExceeded",
    "AtMaximum",
    "ModelDoesNotFit",
    "Ineffective",
    "NodesReadyWithoutGpu",
    "Flapping",
    "Paused",
  ])("of a wish that is held up: %s, with what it would be and what to do", (reason) => {
    const notice = noticeFor(blocked(reason));
    expect(notice).toMatchObject({ occasions: ["blocked"], headline: `llm: 2 nodes, would be 4 (${reason})` });
    expect(notice?.why).toEqual([`${reason}: why it is so`]);
    expect(notice?.toDo).toHaveLength(1);
    expect(notice?.toDo.join()).not.toContain("WORKLOAD");
  });

  it("of models that do not fit: to consider unloading some is all that is done about it", () => {
    expect(noticeFor(blocked("ModelDoesNotFit"))?.toDo.join()).toContain("Consider unloading models");
  });

  it.each<Reason>([
    "NoRuleMatched",
    "WithinTolerance",
    "Stabilizing",
    "RateLimited",
    "AtMinimum",
    "OperationInProgress",
    "WindowStarted",
    "Held",
    "BackingOff",
    "Unaffected",
  ])("nothing of what is as it should be: %s", (reason) => {
    expect(noticeFor(blocked(reason))).toBeNull();
  });

  it("of busy nodes only once the wait for them is over and a person is to decide [F54]", () => {
    const waiting = factsOf({ decision: decisionOf("BusyNodes", 4, 2, 2) });
    expect(noticeFor(waiting)).toBeNull();
    expect(noticeFor({ ...waiting, waitIsOver: true })).toMatchObject({
      occasions: ["blocked"],
      headline: "llm: 4 nodes, would be 2 (BusyNodes)",
    });
  });

  it("of changes that the fleet's stop holds", () => {
    const facts = factsOf({ decision: decisionOf("RuleMatched", 2, 4, 4), stopped: true });
    expect(noticeFor(facts)).toMatchObject({ headline: "llm: 2 nodes, would be 4 (Stopped)" });
  });

  it("of what a cloud refused, with what it said and what to do", () => {
    expect(noticeFor(factsOf({ failed: [refused("Forbidden")] }))).toMatchObject({
      occasions: ["failed"],
      headline: "llm: spot 2 → 4 failed (Forbidden)",
      why: ["spot said no. Do this", "NoRuleMatched: why it is so"],
      toDo: ["Give vramp's role the permission; vramp goes on trying."],
    });
  });

  it("of everything that one decision came to in one notice, the gravest first [F79]", () => {
    const notice = noticeFor(
      factsOf({
        decision: decisionOf("QuotaExceeded", 2, 6, 6),
        accepted: [{ pool: "od", from: 1, to: 2 }],
        failed: [refused("QuotaExceeded")],
      }),
    );
    expect(notice).toMatchObject({
      occasions: ["failed", "blocked", "scaled"],
      what: ["spot 2 → 4 failed (QuotaExceeded)", "2 nodes, would be 6 (QuotaExceeded)", "2 → 3 nodes", "od 1 → 2"],
      toDo: ["Ask the cloud for a higher quota, or add a pool that it does not bind."],
    });
  });

  it("in observe mode that nothing is changed", () => {
    expect(noticeFor({ ...blocked("BudgetReached"), observing: true })?.what).toContain(
      "observe mode: nothing is changed",
    );
  });

  it("of a refused policy", () => {
    expect(policyRefused("prod", "fleet.yaml:3: no such key")).toMatchObject({
      occasions: ["failed"],
      workload: null,
      why: ["PolicyInvalid: fleet.yaml:3: no such key"],
      command: "vramp validate",
    });
  });

  it("in no more lines than anybody reads, each once, short and without hidden characters [T7]", () => {
    const many = Array.from({ length: MAX_LINES + 3 }, (_, i) => refused("Invalid", `p${i}`));
    const twice = [...many, ...many].map((each) => ({
      ...each,
      error: { ...each.error, message: `${each.pool}\n\u202e` },
    }));
    const notice = noticeFor(factsOf({ failed: twice }));
    expect(notice?.what).toHaveLength(MAX_LINES + 1);
    expect(notice?.what.at(-1)).toBe("and 3 more");
    expect(notice?.why[0]).toBe("p0");
    expect(noticeFor(factsOf({ failed: [refused("Invalid", "x".repeat(1000))] }))?.headline.length).toBeLessThan(300);
  });
});

describe("people are not told again", () => {
  const forbidden = factsOf({ failed: [refused("Forbidden")] });
  const gone = factsOf({ unseen: [{ pool: "spot", error: { kind: "NotFound", message: "gone" } }] });

  it("of a refusal, while the pool gives the same one [F85]", () => {
    expect(told([0, forbidden], [60, forbidden], [7200, QUIET])).toEqual([["failed"], [], []]);
    const everyMinute = Array.from({ length: 120 }, (_, minute) => [minute * 60, gone] as const);
    expect(told(...everyMinute).filter((occasions) => occasions.length > 0)).toHaveLength(1);
  });

  it("but are of another refusal, another pool, and of one that comes back after the pool has worked", () => {
    const worked = factsOf({ settled: ["spot"] });
    const other = factsOf({ failed: [refused("Forbidden", "od")] });
    expect(told([0, forbidden], [60, factsOf({ failed: [refused("Invalid")] })])).toEqual([["failed"], ["failed"]]);
    expect(told([0, forbidden], [60, other])).toEqual([["failed"], ["failed"]]);
    expect(told([0, forbidden], [60, worked], [120, forbidden])).toEqual([["failed"], [], ["failed"]]);
    expect(told([0, other], [60, worked], [120, other])).toEqual([["failed"], [], []]);
  });

  it("of a wish that is held up, while that lasts and when it comes back soon", () => {
    const budget = blocked("BudgetReached");
    expect(told([0, budget], [60, budget], [120, QUIET], [180, budget])).toEqual([["blocked"], [], [], []]);
    expect(told([0, budget], [60, blocked("NoCapacity")])).toEqual([["blocked"], ["blocked"]]);
    expect(told([0, budget], [60, QUIET], [60 + FORGET_AFTER, budget])).toEqual([["blocked"], [], ["blocked"]]);
  });

  it("of what is held up together with a change of the size, which is news each time", () => {
    const both = factsOf({
      decision: decisionOf("BudgetReached", 2, 6, 4),
      accepted: [{ pool: "od", from: 2, to: 4 }],
    });
    expect(told([0, both], [60, both])).toEqual([["blocked", "scaled"], ["scaled"]]);
  });
});

describe("what may pass by itself", () => {
  const throttled = factsOf({ failed: [refused("Throttled")] });
  const unread = blocked("SignalUnknown");

  it.each([
    ["a cloud that throttles", throttled, "failed"],
    ["a cloud that does not show a pool", factsOf({ unseen: [refused("Unavailable")] }), "failed"],
    ["a signal that cannot be read", unread, "blocked"],
  ] as const)("is told once it has lasted: %s", (_what, facts, occasion) => {
    const minutes = Array.from({ length: 30 }, (_, minute) => [minute * 60, facts] as const);
    const heard = told(...minutes).map((occasions) => occasions.join());
    expect(heard.indexOf(occasion)).toBe(LASTING / 60);
    expect(heard.filter((text) => text !== "")).toEqual([occasion]);
  });

  it("is not told when it passes, however often it comes back", () => {
    const flickering = Array.from({ length: 20 }, (_, i) => [i * PASSED_AFTER, i % 2 === 0 ? unread : QUIET] as const);
    expect(told(...flickering).flat()).toEqual([]);
  });
});

describe("what is remembered of problems", () => {
  it("does not change while nothing is new, so that nothing has to be stored", () => {
    const budget = blocked("BudgetReached");
    const { problems } = meet([], budget, NOON);
    expect(meet(problems, budget, NOON + 60).problems).toBe(problems);
    expect(meet([], QUIET, NOON).problems).toEqual([]);
    expect(meet(problems, QUIET, NOON + FORGET_AFTER).problems).toEqual([]);
  });
});
