import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TRIGGERS } from "../model/observation.ts";
import { formatWake, parseWake, WakeUnreadable } from "./message.ts";

const wake = fc.record({
  workload: fc.stringMatching(/^[a-z0-9]{1,20}$/),
  trigger: fc.constantFrom(...TRIGGERS),
  cause: fc.string({ unit: "binary" }),
  at: fc.double({ noNaN: true, noDefaultInfinity: true }).map((at) => at + 0), // JSON has no -0
  key: fc.string({ unit: "binary", minLength: 1 }),
});

describe("a wake-up's message", () => {
  it("says what was sent, in characters that SQS takes", () => {
    fc.assert(
      fc.property(wake, (sent) => {
        const body = formatWake(sent);
        expect(parseWake(body)).toEqual(sent);
        expect(body).toMatch(/^[\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u);
      }),
    );
  });

  it.each([
    ["no JSON", "wake up!"],
    ["nothing", "null"],
    ["no workload", '{"trigger":"tick","cause":"","at":1,"key":"k"}'],
    ["a workload that is no name", '{"workload":"../x","trigger":"tick","cause":"","at":1,"key":"k"}'],
    ["an unknown trigger", '{"workload":"llm","trigger":"guess","cause":"","at":1,"key":"k"}'],
  ])("with %s is refused [F19]", (_what, body) => {
    expect(() => parseWake(body)).toThrow(WakeUnreadable);
  });

  it("never carries a size inside [T3]", () => {
    const body = '{"workload":"llm","trigger":"tick","cause":"","at":1,"key":"k","nodes":64}';
    expect(parseWake(body)).not.toHaveProperty("nodes");
  });
});
