import { describe, expect, test } from "vitest";
import { bound, servicePolicy } from "./backtest.fixture.ts";
import { parseSource, sourceText } from "./binding.ts";
import { BacktestError } from "./errors.ts";

const RULES = {
  objective: undefined,
  scaleUp: { any: [{ signal: "depth", above: 50, for: "2m" }], add: 1 },
};
const signal = (query: string, more: object = {}) => ({ source: "prom", query, maxAge: "90s", ...more });
const boundIn = (signals: Record<string, ReturnType<typeof signal>>, more: object = {}, given = new Map()) =>
  Object.fromEntries(
    bound(servicePolicy({ ...RULES, ...more }, signals), given).map((b) => [
      b.signal,
      `${sourceText(b.source)} by ${b.by}`,
    ]),
  );

describe("a policy's signals", () => {
  test("of an objective are what the objective says they are, whatever their names", () => {
    const all = bound(servicePolicy()).map(({ signal: name, source, by }) => [name, sourceText(source), by]);
    expect(all).toEqual([
      ["came", "arrivals", "use"],
      ["stands", "waiting", "use"],
      ["runs", "inFlight", "use"],
    ]);
  });

  test.each<[string, object, string]>([
    ["sum(llm_queue_length)", {}, "waiting"],
    ["avg(nvidia_gpu_utilization)", {}, "utilisation"],
    ["avg(nvidia_gpu_utilization_percent)", {}, "utilisationPercent"],
    ["avg(gpu_util)", { unit: "percent" }, "utilisationPercent"],
    ["sum(requests_in_flight)", {}, "inFlight"],
    ["sum(rate(http_requests_total[1m]))", {}, "arrivals"],
  ])("are guessed from the query %s where the name says nothing", (query, more, measure) => {
    const scaleUp = { any: [{ signal: "x", above: 50 }], add: 1 };
    expect(boundIn({ x: signal(query, more) }, { scaleUp })).toEqual({ x: `${measure} by name` });
  });

  test("that could be two things, or nothing, are refused with what to write", () => {
    const scaleUp = {
      any: [
        { signal: "vramFree", above: 1 },
        { signal: "odd", above: 1 },
      ],
      add: 1,
    };
    const signals = { vramFree: signal("min(vram_free)"), odd: signal("queue_running") };
    const asked = () => boundIn(signals, { scaleUp });
    expect(asked).toThrow(BacktestError);
    expect(asked).toThrow(
      /signal vramFree \(used in `scaleUp`\) .* --bind vramFree=MEASURE, where MEASURE is `waiting`/,
    );
    expect(asked).toThrow(/signal odd \(used in `scaleUp`\)/);
    const given = new Map([
      ["vramFree", parseSource("0.5")],
      ["odd", parseSource("waiting*60")],
    ]);
    expect(boundIn(signals, { scaleUp }, given)).toEqual({
      vramFree: "always 0.5 by option",
      odd: "waiting * 60 by option",
    });
  });

  test("of single nodes are what nodes do; those that only inform need nothing", () => {
    const more = { scaleIn: { busy: "works" }, costPer: { name: "answer", ratePerHour: "made" } };
    const signals = { depth: signal("queue"), works: signal("x", { per: "node" }), made: signal("y") };
    expect(boundIn(signals, more)).toEqual({
      depth: "waiting by name",
      works: "busy by use",
      made: "unknown by nothing",
    });
  });

  test("that the workload does not use are refused, with the likely one", () => {
    const given = new Map([["dept", parseSource("waiting")]]);
    expect(() => boundIn({ depth: signal("queue") }, {}, given)).toThrow(/no such signal; did you mean `depth`\?/);
  });
});

test.each(["", "queue", "waiting*", "waiting*-1", "1e3", "*2"])("%j is no measure", (text) => {
  expect(() => parseSource(text)).toThrow(/is nothing that the simulated world measures; give `waiting`, /);
});
