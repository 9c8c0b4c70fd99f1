import { afterEach, beforeEach, expect, it } from "vitest";
import { type RealPrometheus, startRealPrometheus } from "./real-prometheus.ts";

const START = Date.UTC(2027, 0, 18) / 1000;
let now: number;
let prometheus: RealPrometheus;
beforeEach(async () => {
  now = START;
  prometheus = await startRealPrometheus(() => now);
}, 60_000);
afterEach(() => prometheus.stop());

async function query(text: string) {
  const range = { start: String(START), end: String(now), step: "15" };
  const body = new URLSearchParams({ query: text, ...range });
  const response = await fetch(`${prometheus.url}/api/v1/query_range`, { method: "POST", body });
  return { date: response.headers.get("date"), body: await response.json() };
}

it("answers at the sandbox's time with what was exported, and ends a series that is exported no more", async () => {
  const node = (id: string, value: number) => ({ name: "busy", labels: { workload: "a", provider_id: id }, value });
  await prometheus.record([node("one", 1), node("two", 0.5)], now);
  now += 15;
  await prometheus.record([node("two", -2)], now);

  expect(await query('busy{workload="a"}')).toMatchObject({
    date: "Mon, 18 Jan 2027 00:00:15 GMT",
    body: {
      data: {
        result: [
          { metric: { provider_id: "one" }, values: [[START, "1"]] },
          {
            metric: { provider_id: "two" },
            values: [
              [START, "0.5"],
              [START + 15, "-2"],
            ],
          },
        ],
      },
    },
  });
});

it("takes more than one piece of snappy can hold", async () => {
  const many = Array.from({ length: 2000 }, (_, n) => ({ name: "many", labels: { id: `${n}` }, value: 1 }));
  await prometheus.record(many, now);

  expect(await query("count(many)")).toMatchObject({ body: { data: { result: [{ values: [[START, "2000"]] }] } } });
});
