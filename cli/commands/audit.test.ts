import { describe, expect, it } from "vitest";
import { chain } from "../../shared/memory/audit-chain.ts";
import type { AuditEntry, AuditEvent } from "../../shared/model/audit.ts";
import { eventsText, verdictOn } from "./audit.ts";

const time = (minute: number) => `2026-11-18T12:0${minute}:00Z`;
const ENTRIES: readonly AuditEntry[] = [
  {
    workload: "llm",
    type: "decided",
    time: time(0),
    data: { current: 1, want: 3, reason: "RuleMatched", detail: "queue above 50 for 2m" },
  },
  { workload: "llm", type: "acted", time: time(0), data: { pool: "spot", from: 1, to: 3 } },
  {
    workload: "llm",
    type: "failed",
    time: time(1),
    data: { pool: "spot", from: 1, to: 3, error: { kind: "NoCapacity", message: "no g6.xlarge in eu-central-1a" } },
  },
];
const events: AuditEvent[] = [];
for (const entry of ENTRIES) events.push(chain(entry, events.at(-1) ?? null));

it("an audit is a line for each event: what, where, how many, and why", () => {
  expect(eventsText(events).split("\n")).toEqual([
    "#  TIME                  EVENT    POOL  SIZE   WHY",
    "1  2026-11-18T12:00:00Z  decided        1 → 3  RuleMatched: queue above 50 for 2m",
    "2  2026-11-18T12:00:00Z  acted    spot  1 → 3",
    "3  2026-11-18T12:01:00Z  failed   spot  1 → 3  NoCapacity: no g6.xlarge in eu-central-1a",
  ]);
});

describe("the chain", () => {
  it("holds as it was written, and says how far it was looked at", () => {
    expect(verdictOn("llm", events)).toEqual({
      holds: true,
      text: "events 1 to 3 of llm, 2026-11-18T12:00:00Z to 2026-11-18T12:01:00Z: the chain holds",
    });
    expect(verdictOn("llm", events.slice(1)).text).toMatch(/the chain holds; 1 before them were not looked at$/);
    expect(verdictOn("llm", [])).toEqual({ holds: true, text: "llm has no audit" });
  });

  it.each<[string, readonly AuditEvent[], number]>([
    ["is altered", events.map((e, i) => (i === 1 ? { ...e, data: { ...e.data, to: 2 } } : e)), 2],
    ["is left out", events.filter((_, i) => i !== 1), 3],
  ])("breaks where an event %s", (_, given, sequence) => {
    expect(verdictOn("llm", given)).toMatchObject({
      holds: false,
      text: expect.stringContaining(`event ${sequence} of llm`),
    });
  });
});
