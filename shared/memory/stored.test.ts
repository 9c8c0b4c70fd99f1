import { describe, expect, it } from "vitest";
import { EMPTY_MEMORY, MEMORY_SCHEMA } from "../model/memory.ts";
import { MemoryUnreadable } from "./errors.ts";
import { parseAuditEvent, parseMemory, type Upgrade } from "./stored.ts";

describe("a stored memory", () => {
  const previous = JSON.stringify({ schema: MEMORY_SCHEMA - 1, holds: [] });
  const upgrade: Upgrade = { from: MEMORY_SCHEMA - 1, apply: () => EMPTY_MEMORY };

  it("of the previous schema is upgraded as it is read [F74]", () => {
    expect(parseMemory("llm", previous, upgrade)).toEqual(EMPTY_MEMORY);
  });

  it("of the previous schema is unreadable when its upgrade does not give a memory", () => {
    const broken: Upgrade = { ...upgrade, apply: (stored) => stored };
    expect(() => parseMemory("llm", previous, broken)).toThrow(MemoryUnreadable);
  });

  it.each([MEMORY_SCHEMA - 2, MEMORY_SCHEMA + 1])("of schema %s is not guessed at [F70]", (schema) => {
    const text = JSON.stringify({ ...EMPTY_MEMORY, schema });
    expect(() => parseMemory("llm", text, upgrade)).toThrow(`has schema ${schema}, and this version reads`);
  });

  it("tells the operator what is wrong, and with which workload [F70]", () => {
    const text = JSON.stringify({ ...EMPTY_MEMORY, scaleUps: [{ at: 1, change: 0 }] });
    expect(() => parseMemory("llm", text)).toThrow(/the memory of llm cannot be read: .*scaleUps\[0\]\.change/);
  });
});

describe("a stored audit event", () => {
  it.each(["{", "null", '{"specversion":"1.0"}'])("that reads %s is unreadable [F70]", (text) => {
    expect(() => parseAuditEvent("llm", text)).toThrow(MemoryUnreadable);
  });
});
