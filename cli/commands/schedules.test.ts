import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import { loadPolicy } from "../../shared/policy/load.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { plain, UserError } from "../output.ts";
import { outlook, parseDays, parseTime, toJson, toText } from "./schedules.ts";

const workload = (name: string, schedules: string) => `
  ${name}:
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 0, max: 5 }
    pools:
      - { name: ${name}, capacity: on-demand, pricePerHour: 0.53, eks: { region: eu-central-1, cluster: prod, nodegroup: ${name} } }
    scaleUp: { any: [{ signal: queue, above: 50, for: 2m }], add: 1 }
    scaleDown: { any: [{ signal: queue, below: 10, for: 15m }], remove: 1 }
    schedules: ${schedules}`;

const TEXT = `version: 1
fleet: prod-gpu
timeZone: Europe/Berlin
sources:
  prom: { prometheus: { url: "https://prometheus.example.com" } }
signals:
  queue: { source: prom, query: 'sum(queue_length)', maxAge: 90s }
workloads:${workload(
  "embedding",
  `
      - { name: office-hours, start: "0 9 * * 1-5", end: "0 22 * * 1-5", nodes: { min: 2 }, lead: 15m }
      - { name: off-hours, start: "0 22 * * *", end: "0 9 * * 1-5", nodes: { exactly: 0 }, wakeOn: [{ signal: queue, above: 100, for: 2m }] }`,
)}${workload("steady", "[]")}
`;

function policy(): Policy {
  const result = loadPolicy(TEXT, "policy.yaml");
  if (!result.ok) throw new Error(result.issues.map((issue) => issue.message).join("; "));
  return result.policy;
}

const FRIDAY = parseTime("2026-11-27T12:00:00Z");

test("the table tells the weekend: zero on Friday night, the wake on Monday at 08:45, two nodes or more from 09:00", () => {
  expect(toText(outlook(policy(), FRIDAY, 3), plain)).toBe(
    [
      "embedding at Fri 2026-11-27 13:00 Europe/Berlin: office-hours since Fri 09:00 Europe/Berlin: >= 2; next 0 at Fri 2026-11-27 22:00 Europe/Berlin",
      "WHEN                                SCHEDULE      BOUNDARY  NODES",
      "Fri 2026-11-27 22:00 Europe/Berlin  office-hours  end       0",
      "Fri 2026-11-27 22:00 Europe/Berlin  off-hours     start     0",
      "Sat 2026-11-28 22:00 Europe/Berlin  off-hours     start     0 (unchanged)",
      "Sun 2026-11-29 22:00 Europe/Berlin  off-hours     start     0 (unchanged)",
      "Mon 2026-11-30 08:45 Europe/Berlin  office-hours  lead      2",
      "Mon 2026-11-30 09:00 Europe/Berlin  off-hours     end       >= 2",
      "Mon 2026-11-30 09:00 Europe/Berlin  office-hours  start     >= 2",
    ].join("\n"),
  );
});

test("a boundary that is skipped on holidays is not in the table of one", () => {
  const skipping = TEXT.replace("lead: 15m }", "lead: 15m, skipHolidays: start }");
  const result = loadPolicy(skipping.replace("sources:", "holidays: { dates: [2026-11-30] }\nsources:"), "policy.yaml");
  if (!result.ok) throw new Error(result.issues.map((issue) => issue.message).join("; "));
  const [section] = outlook(result.policy, FRIDAY, 3);

  const monday = section?.entries.filter(({ local }) => local.includes("2026-11-30"));
  expect(monday).toMatchObject([{ schedule: "off-hours", boundary: "end", effect: "by demand" }]);
});

test("the JSON has the same, with times in UTC", () => {
  const json = toJson(outlook(policy(), FRIDAY, 3), FRIDAY, 3);

  expect(json).toMatchObject({ from: "2026-11-27T12:00:00Z", days: 3, workloads: [{ workload: "embedding" }] });
  expect(json.workloads[0]?.inForce).toMatchObject({ floor: 2, ceiling: null, schedule: "office-hours" });
  expect(json.workloads[0]?.nextChange).toEqual({ at: "2026-11-27T21:00:00Z", floor: 0, ceiling: 0 });
  expect(json.workloads[0]?.boundaries.at(4)).toEqual({
    at: "2026-11-30T07:45:00Z",
    local: "Mon 2026-11-30 08:45 Europe/Berlin",
    schedule: "office-hours",
    boundary: "lead",
    effect: "2",
    changed: true,
  });
});

describe("--workload", () => {
  test("shows one that has no schedules when it is named", () => {
    expect(toText(outlook(policy(), FRIDAY, 7, "steady"), plain)).toContain("no window is open; no change in sight");
  });

  test("names those there are when it is none of them", () => {
    expect(() => outlook(policy(), FRIDAY, 7, "toString")).toThrow(UserError);
    expect(() => outlook(policy(), FRIDAY, 7, "toString")).toThrow("it has embedding, steady");
  });
});

test.each(["tomorrow", "2026-11-27", "2026-11-27T12:00:00", "2026-13-01T00:00:00Z", "2026-02-31T00:00:00Z"])(
  "--from %s is refused",
  (text) => {
    expect(() => parseTime(text)).toThrow(InvalidArgumentError);
  },
);

test.each(["0", "367", "1.5", "-1", "", "a week"])("--days %j is refused", (text) => {
  expect(() => parseDays(text)).toThrow(InvalidArgumentError);
});
