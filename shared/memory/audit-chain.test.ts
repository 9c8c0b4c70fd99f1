import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import { chain, GENESIS, verifyChain } from "./audit-chain.ts";

const entry = (data: AuditEntry["data"]): AuditEntry => ({ workload: "llm", type: "acted", time: "t", data });

function chained(datas: readonly AuditEntry["data"][]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const data of datas) events.push(chain(entry(data), events.at(-1) ?? null));
  return events;
}

describe("the audit's chain [T24]", () => {
  it("starts from nothing with an event that anyone can verify", () => {
    const event = chain({ workload: "llm", type: "acted", time: "2026-11-20T10:00:00Z", data: { b: 1, a: [2] } }, null);
    const text =
      '{"data":{"a":[2],"b":1},"datacontenttype":"application/json","id":"llm/1",' +
      `"previous":"${GENESIS}","sequence":1,"source":"/vramp","specversion":"1.0","subject":"llm",` +
      '"time":"2026-11-20T10:00:00Z","type":"dev.vramp.acted"}';
    expect(event.hash).toBe(createHash("sha256").update(text).digest("hex"));
    expect(event.previous).toMatch(/^0{64}$/);
  });

  it("holds for whatever was chained, and from any event on", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 }), fc.nat(5), (datas, from) => {
        const events = JSON.parse(JSON.stringify(chained(datas)));
        expect(verifyChain(events)).toBeNull();
        expect(verifyChain(events.slice(from))).toBeNull();
      }),
    );
  });

  it("does not depend on the order in which keys were written", () => {
    expect(chain(entry({ a: 1, b: { c: 2, d: 3 } }), null).hash).toBe(
      chain(entry({ b: { d: 3, c: 2 }, a: 1 }), null).hash,
    );
  });

  it.each([
    [
      "an event that was written anew, by the next one",
      2,
      (events: AuditEvent[]) => events.splice(1, 1, chain(entry({ n: 99 }), events[0] ?? null)),
    ],
    ["altered data", 2, (events: AuditEvent[]) => Object.assign(events[2] ?? {}, { data: { n: 99 } })],
    ["an altered time", 0, (events: AuditEvent[]) => Object.assign(events[0] ?? {}, { time: "u" })],
    ["an altered hash", 3, (events: AuditEvent[]) => Object.assign(events[3] ?? {}, { hash: GENESIS })],
    ["a missing event", 1, (events: AuditEvent[]) => events.splice(1, 1)],
    ["a repeated event", 2, (events: AuditEvent[]) => events.splice(2, 0, ...events.slice(1, 2))],
    ["two events swapped", 1, (events: AuditEvent[]) => events.splice(1, 2, ...events.slice(1, 3).reverse())],
    [
      "an event of another workload",
      1,
      (events: AuditEvent[]) => events.splice(1, 3, chain({ ...entry({}), workload: "other" }, events[0] ?? null)),
    ],
    ["a first event that follows something", 0, (events: AuditEvent[]) => events.splice(0, 4, forged())],
  ])("shows %s", (_what, index, tamper) => {
    const events = chained([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    tamper(events);
    expect(verifyChain(events)).toBe(index);
  });
});

/** An event of number 1 with a hash of its own that is right, but with a `previous` that is no beginning. */
const forged = (): AuditEvent => {
  const [event] = chained([{}]);
  if (event === undefined) throw new Error("no event");
  return chain(entry({}), { ...event, sequence: 0, hash: "f".repeat(64) });
};
