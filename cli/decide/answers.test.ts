import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fleetOf } from "../../test/support/fleet.ts";
import { busyFleet } from "../../test/support/shrinking.ts";
import { answersTo, createAnswerer } from "./answers.ts";
import { createDecider } from "./decider.ts";
import { collect, lasting, NOON, observed, observedLine } from "./line.fixture.ts";

const fresh = (brief = true, policy = fleetOf()) => createAnswerer(createDecider(policy), brief);

async function answersOf(input: string, answerer = fresh()): Promise<Record<string, unknown>[]> {
  const chunks = (async function* () {
    yield Buffer.from(input);
  })();
  const output = (await collect(answersTo(chunks, answerer))).join("");
  return output
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe("an answer", () => {
  test("has the size, its split and its reason, and unless brief every stage in the order of precedence", async () => {
    const line = observedLine({ signals: { queue: lasting(120) } });
    const answer = { workload: "llm", want: 3, pools: { llm: 3 }, reason: "RuleMatched" };
    const [brief] = await answersOf(line);
    const [whole] = await answersOf(line, fresh(false));

    expect(brief).toEqual(answer);
    expect(whole).toEqual({ ...answer, stages: expect.any(Array) });
    expect(whole?.stages).toContainEqual({
      stage: "demand",
      want: 3,
      reason: "RuleMatched",
      detail: "queue above 50 for 2m: yes, queue is 120 and has been for 16m",
    });
  });

  test("names the nodes that are to go, of a pool that lists them, and says what waits", async () => {
    const policy = busyFleet();
    const shrinking = (busy: object) =>
      [0, 6].map((minutes) => {
        const now = NOON + minutes * 60;
        const nodes = ["a", "b"].map((id) => ({ id, ready: true }));
        const samples = Object.fromEntries(Object.entries(busy).map(([id, value]) => [id, [[now, value]]]));
        const signals = { queue: lasting(0, now), busy: samples };
        return observedLine({ signals, pools: { llm: { desired: 2, ready: 2, nodes } } }, now);
      });
    const lastOf = async (busy: object) => (await answersOf(shrinking(busy).join("\n"), fresh(true, policy))).at(-1);

    const answer = { workload: "llm", want: 1, pools: { llm: 1 }, remove: { llm: ["b"] }, reason: "RuleMatched" };
    expect(await lastOf({ a: 1, b: 0 })).toEqual(answer);
    expect(await lastOf({ a: 1, b: 1 })).toEqual({ workload: "llm", want: 1, pools: { llm: 2 }, reason: "BusyNodes" });
  });

  test("comes for every line that is not blank, in order, whatever became of the others", async () => {
    const answerer = fresh();
    const input = ["", observedLine(), "nonsense", " \r", observedLine({ workload: "x" }), observedLine(), ""].join(
      "\n",
    );

    expect(await answersOf(input, answerer)).toEqual([
      expect.objectContaining({ workload: "llm", want: 1 }),
      { error: expect.stringMatching(/^line 3: not JSON: /) },
      { error: 'line 5: workload: the policy has no "x"; use `llm`' },
      expect.objectContaining({ workload: "llm", want: 1 }),
    ]);
    expect(answerer.tally()).toEqual({ lines: 4, failed: 2 });
  });

  test("to a line that goes back in time is an error, and the line is as if it had not come", async () => {
    const input = [
      observedLine(),
      observedLine({ pools: { llm: { desired: 5, ready: 5 } } }, NOON - 60),
      observedLine(),
    ];
    expect(await answersOf(input.join("\n"))).toEqual([
      expect.objectContaining({ want: 1 }),
      {
        error:
          "line 2: now: 2026-11-18T11:59:00.000Z is before the last line of llm, 2026-11-18T12:00:00.000Z; send its lines in order of time",
      },
      expect.objectContaining({ want: 1, reason: "NoRuleMatched" }),
    ]);
  });

  test("to a line that decide itself fails on says whose fault it is", async () => {
    const broken = createAnswerer(() => {
      throw new TypeError("no such thing");
    }, true);
    const [answer] = await answersOf(observedLine(), broken);
    expect(answer?.error).toMatch(/^line 1: vramp failed on this line: no such thing; this is a defect of vramp/);
  });
});

test("a budget counts what the other workloads of the stream cost", async () => {
  const one = fleetOf().workloads.llm;
  if (one === undefined) throw new Error("no llm");
  const named = (name: string) => ({ ...one, pools: one.pools.map((p) => ({ ...p, name, pricePerHour: 10 })) });
  const policy = { ...fleetOf(), budget: { perHour: 45 }, workloads: { llm: named("llm"), rl: named("rl") } };
  const rising = observed({ signals: { queue: lasting(120) } });
  const other = { ...observed(), workload: "rl", pools: { rl: { desired: 3, ready: 3 } } };
  const wants = async (...lines: object[]) =>
    (await answersOf(lines.map((line) => JSON.stringify(line)).join("\n"), fresh(true, policy))).at(-1);

  expect(await wants(rising)).toMatchObject({ want: 3, reason: "RuleMatched" });
  expect(await wants(other, rising)).toMatchObject({ want: 1, reason: "BudgetReached" });
});

describe("the stream", () => {
  const goesOn = async (line: string) => {
    const [first, last, ...more] = await answersOf(`${line.replaceAll(/[\r\n]/g, "")}\n${observedLine()}\n`);
    expect(more).toEqual([]);
    // A line of blanks has no answer.
    expect(last ?? first).toMatchObject({ workload: "llm", want: 1 });
    if (last !== undefined) expect(first).toHaveProperty(typeof first?.error === "string" ? "error" : "want");
  };

  test("goes on after any text", async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), goesOn));
  });

  test("goes on after any JSON", async () => {
    await fc.assert(fc.asyncProperty(fc.json(), goesOn));
  });

  test("goes on after an observation with any JSON in any place of it", async () => {
    const places = fc.constantFrom<string[][]>(
      ["now"],
      ["workload"],
      ["trigger"],
      ["trigger", "kind"],
      ["signals"],
      ["signals", "queue"],
      ["pools"],
      ["pools", "llm"],
      ["pools", "llm", "desired"],
      ["pools", "llm", "ready"],
      ["pools", "llm", "max"],
      ["pools", "llm", "nodes"],
      ["pools", "llm", "capacityError"],
    );
    await fc.assert(
      fc.asyncProperty(places, fc.jsonValue(), (path, value) => goesOn(JSON.stringify(put(observed(), path, value)))),
      { numRuns: 500 },
    );
  });

  test("goes on after an observation with any samples", async () => {
    const number = fc.oneof(fc.integer({ min: NOON - 1000, max: NOON + 100 }), fc.double(), fc.constant(null));
    const samples = fc.array(fc.oneof(fc.tuple(number, number), fc.array(number)));
    await fc.assert(fc.asyncProperty(samples, (queue) => goesOn(observedLine({ signals: { queue } }))));
  });
});

function put(target: object, [key = "", ...rest]: string[], value: unknown): object {
  const inner: unknown = Object.entries(target).find(([name]) => name === key)?.[1];
  const next = rest.length === 0 ? value : put(typeof inner === "object" && inner !== null ? inner : {}, rest, value);
  return { ...target, [key]: next };
}
