import { describe, expect, test } from "vitest";
import { fleetOf } from "../../test/support/fleet.ts";
import { BadLine } from "./bad-line.ts";
import { lasting, NOON, observed, observedLine } from "./line.fixture.ts";
import { parseLine } from "./line.ts";
import { observationOf, planFor } from "./observation.ts";
import { plansOf } from "./plan.ts";

const busy = { source: "prom", query: "busy", maxAge: "90s", whenEmpty: "zero", per: "node" } as const;
const base = fleetOf();
const policy = {
  ...fleetOf(
    { scaleIn: { busy: "busy" } },
    {
      signals: {
        queue: { source: "prom", query: "queue", maxAge: "90s" },
        unused: { source: "prom", query: "unused", maxAge: "90s" },
        busy,
      },
    },
  ),
};
const plans = plansOf(policy);

function read(text: string) {
  const line = parseLine(text);
  return observationOf(line, planFor(line, plans), plans, null);
}
const readWith = (over: object) => read(observedLine(over));
const signal = (given: unknown, name = "queue") => readWith({ signals: { [name]: given } }).signals[name];
const pool = (given: object | null) => readWith({ pools: { llm: given } }).pools.llm;

describe("a signal", () => {
  test("is a series whose samples each speak for its maxAge", () => {
    const samples = lasting(30);
    expect(signal(samples)).toEqual({ kind: "series", series: { samples, validity: 90 } });
  });

  test("of null is unknown, as is one left out, each with its own words", () => {
    expect(signal(null)).toEqual({ kind: "unknown", why: "notSupplied", detail: "the line says null" });
    expect(readWith({ signals: {} }).signals.queue).toEqual({
      kind: "unknown",
      why: "notSupplied",
      detail: "the line leaves it out",
    });
  });

  test("without samples is empty, which is for whenEmpty to judge", () => {
    expect(signal([])).toEqual({ kind: "empty" });
    expect(signal([], "busy")).toEqual({ kind: "empty" });
  });

  test("has NaN for a value of null, wherever it stands", () => {
    const series = [
      [NOON - 30, 1],
      [NOON - 15, null],
      [NOON, 2],
    ];
    expect(signal(series)).toMatchObject({
      series: {
        samples: [
          [NOON - 30, 1],
          [NOON - 15, Number.NaN],
          [NOON, 2],
        ],
      },
    });
  });

  test("is not used beyond its longest window and one maxAge more, but always to its newest sample", () => {
    const reach = 15 * 60 + 90;
    const far = [
      [NOON - 9000, 0],
      [NOON - reach - 1, 1],
    ];
    const near = [
      [NOON - reach, 2],
      [NOON, 3],
    ];
    expect(signal([...far, ...near])).toMatchObject({ series: { samples: near } });
    expect(signal(far)).toMatchObject({ series: { samples: [[NOON - reach - 1, 1]] } });
  });

  test("per node is an object of series by node id", () => {
    const samples = lasting(1, NOON, 60);
    expect(signal({ __proto__: null, "aws:///a/i-1": samples, constructor: [] }, "busy")).toEqual({
      kind: "perNode",
      nodes: {
        "aws:///a/i-1": { samples, validity: 90 },
        constructor: { samples: [], validity: 90 },
      },
    });
    expect(signal({}, "busy")).toEqual({ kind: "perNode", nodes: {} });
  });

  test("that the workload does not use is let through unread", () => {
    expect(readWith({ signals: { unused: "whatever" } }).signals).not.toHaveProperty("unused");
  });
});

describe("a pool", () => {
  test("has what the line says, and defaults", () => {
    expect(pool({ desired: 2, ready: 1 })).toEqual({
      kind: "seen",
      state: {
        desired: 2,
        ready: 1,
        noticed: 0,
        min: 0,
        max: 6,
        status: "active",
        issues: [],
        capacityError: null,
        nodes: null,
        step: 1,
        etag: null,
      },
    });
  });

  test("has its times in epoch seconds, its notices within the ready nodes, and its nodes", () => {
    const nodes = [
      { id: "a", ready: true },
      { id: "b", ready: false, noticed: true, zone: "ours" },
    ];
    const given = { desired: 2, ready: 1, noticed: 2, max: 9, status: "updating", nodes };
    expect(pool({ ...given, capacityError: "2026-11-18T13:00:00.5+01:00" })).toMatchObject({
      state: {
        noticed: 1,
        max: 9,
        status: "updating",
        capacityError: NOON + 0.5,
        nodes: [
          { id: "a", ready: true, noticed: false },
          { id: "b", ready: false, noticed: true },
        ],
      },
    });
  });

  test("of null could not be seen", () => {
    expect(pool(null)).toMatchObject({ kind: "unseen", error: { kind: "Unavailable" } });
  });
});

const complete = { desired: 1, ready: 1 };
test.each<[what: string, text: string, message: string]>([
  ["no JSON", "{", "not JSON: "],
  ["Python's NaN", '{"signals":{"queue":[[1,NaN]]}}', "; JSON has no NaN and no Infinity, write null"],
  ["no object", "[1]", "the line: expected an object, and it is [1]"],
  [
    "no now",
    observedLine({ now: undefined }),
    "now: expected an RFC 3339 time with its offset, such as 2026-11-27T12:00:00Z, and it is missing",
  ],
  ["a time without offset", observedLine({ now: "2026-11-18T12:00:00" }), 'and it is "2026-11-18T12:00:00"'],
  ["a day that is none", observedLine({ now: "2026-02-30T12:00:00Z" }), "now: expected an RFC 3339 time"],
  [
    "an unknown workload",
    observedLine({ workload: "llms" }),
    'workload: the policy has no "llms"; did you mean `llm`?',
  ],
  [
    "an unknown trigger",
    observedLine({ trigger: { kind: "cron" } }),
    'trigger.kind: expected `alert`, `tick`, `interruption` or `invoke`, and it is "cron"',
  ],
  [
    "a misspelt signal",
    observedLine({ signals: { qeue: [] } }),
    "signals.qeue: the policy has no such signal; did you mean `queue`?",
  ],
  [
    "a misspelt pool",
    observedLine({ pools: { llm: complete, llms: complete } }),
    "pools.llms: the policy has no such pool; did you mean `llm`?",
  ],
  [
    "a pool left out",
    observedLine({ pools: {} }),
    "pools.llm: missing; give every pool of llm, or null for one that could not be read",
  ],
  [
    "a misspelt key",
    observedLine({ pools: { llm: { ...complete, capactyError: null } } }),
    "pools.llm.capactyError: unknown key; did you mean capacityError?",
  ],
  [
    "half a node",
    observedLine({ pools: { llm: { desired: 1.5, ready: 1 } } }),
    "pools.llm.desired: expected a whole number of nodes, and it is 1.5",
  ],
  [
    "fewer nodes than none",
    observedLine({ pools: { llm: { desired: -1, ready: 1 } } }),
    "pools.llm.desired: expected at least 0, and it is -1",
  ],
  [
    "a node twice",
    observedLine({
      pools: {
        llm: {
          ...complete,
          nodes: [
            { id: "a", ready: true },
            { id: "a", ready: true },
          ],
        },
      },
    }),
    "pools.llm.nodes[1]: a node is listed twice; list each once",
  ],
  [
    "a signal of another kind",
    observedLine({ signals: { queue: 5 } }),
    "signals.queue: expected a list of [epochSeconds, value], or null for unknown, and it is 5",
  ],
  [
    "nodes where one series is expected",
    observedLine({ signals: { queue: {} } }),
    "signals.queue: expected a list of [epochSeconds, value]",
  ],
  [
    "one series where nodes are expected",
    observedLine({ signals: { busy: [[NOON, 1]] } }),
    "signals.busy: the signal is `per: node`; give an object of series by node id",
  ],
  [
    "a node without a series",
    observedLine({ signals: { busy: { a: 1 } } }),
    "signals.busy.a: expected a list of [epochSeconds, value], and it is 1",
  ],
  [
    "a sample that is none",
    observedLine({
      signals: {
        queue: [
          [NOON, 1],
          [NOON, "2"],
        ],
      },
    }),
    `signals.queue[1]: expected [epochSeconds, value], with null for a value that is no number, and it is [${NOON},"2"]`,
  ],
  [
    "a sample of three",
    observedLine({ signals: { queue: [[NOON, 1, 2]] } }),
    "signals.queue[0]: expected [epochSeconds, value]",
  ],
  [
    "a sample at no time",
    `${observedLine({ signals: { queue: [] } }).replace("[]", "[[1e999,1]]")}`,
    "signals.queue[0]: expected [epochSeconds, value]",
  ],
  [
    "samples out of order",
    observedLine({
      signals: {
        queue: [
          [NOON, 1],
          [NOON - 15, null],
        ],
      },
    }),
    "signals.queue[1]: its time is before that of the sample in front of it; sort them by time",
  ],
])("%s is refused with what to do", (_what, text, message) => {
  expect(() => read(text)).toThrow(BadLine);
  expect(() => read(text)).toThrow(message);
});

test("a long wrong value is not repeated whole", () => {
  expect(() => readWith({ now: "x".repeat(1000) })).toThrow(/and it is "x{59}…$/);
});

test("keys of other programs are let through", () => {
  expect(read(JSON.stringify({ ...observed(), seed: 7, pools: { llm: { ...complete, zone: "a" } } }))).toMatchObject({
    workload: "llm",
  });
});

test("what belongs to another workload of the policy is let through", () => {
  const { llm } = base.workloads;
  if (llm === undefined) throw new Error("no llm");
  const rl = { ...llm, pools: llm.pools.map((p) => ({ ...p, name: "rl" })) };
  const both = plansOf({ ...base, workloads: { llm, rl } });
  const line = parseLine(observedLine({ pools: { llm: complete, rl: complete } }));
  expect(Object.keys(observationOf(line, planFor(line, both), both, null).pools)).toEqual(["llm"]);
});
