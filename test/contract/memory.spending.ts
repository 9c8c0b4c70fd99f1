import { describe, expect, it } from "vitest";
import { MemoryUnreadable } from "../../shared/memory/errors.ts";
import { EMPTY_MEMORY, type Spending } from "../../shared/model/memory.ts";
import type { MemoryUnderTest } from "./memory.contract.ts";

/** With numbers that a store of decimals or of 32-bit floats would change. */
const SPENDING: Spending = { day: "2026-11-18", at: 1_700_000_000.123_456_7, perHour: 0.1 + 0.2, spent: 5e-324 };

/** What every adapter of `Memory` must do with what a fleet's workloads cost. */
export function spendingContract(under: () => MemoryUnderTest): void {
  describe("a fleet's spending", () => {
    it("is empty before any workload noted its own", async () => {
      expect(await (await under().fresh()).spendingOf("fleet")).toEqual({});
    });

    it("has what each workload noted last, exactly as it was, and nothing of other fleets", async () => {
      const memory = await under().fresh();
      await memory.noteSpending("fleet", "llm", { ...SPENDING, perHour: 9 });
      await memory.noteSpending("fleet", "llm", SPENDING);
      await memory.noteSpending("fleet", "rl", { ...SPENDING, spent: 2 });
      await memory.noteSpending("other", "llm", { ...SPENDING, spent: 3 });
      expect(await memory.spendingOf("fleet")).toEqual({ llm: SPENDING, rl: { ...SPENDING, spent: 2 } });
    });

    it("has the notes of all 50 workloads that note at the same time", async () => {
      const memory = await under().fresh();
      const workloads = Array.from({ length: 50 }, (_, n) => `w${n}`);
      await Promise.all(workloads.map((name, spent) => memory.noteSpending("fleet", name, { ...SPENDING, spent })));
      expect(await memory.spendingOf("fleet")).toEqual(
        Object.fromEntries(workloads.map((name, spent) => [name, { ...SPENDING, spent }])),
      );
    });

    it.each(["pk", "sk", "ttl", "value", "constructor"])("is safe with a workload called %s", async (name) => {
      const memory = await under().fresh();
      await memory.noteSpending("fleet", name, SPENDING);
      const spendings = await memory.spendingOf("fleet");
      expect(Object.entries(spendings)).toEqual([[name, SPENDING]]);
    });

    it("does not touch a workload of the fleet's name, nor its version", async () => {
      const memory = await under().fresh();
      const version = await memory.save("fleet", EMPTY_MEMORY, 0);
      await memory.noteSpending("fleet", "fleet", SPENDING);
      expect(await memory.load("fleet")).toEqual({ value: EMPTY_MEMORY, version });
    });

    it("is refused when it could not be read again, and the old one stays", async () => {
      const memory = await under().fresh();
      await memory.noteSpending("fleet", "llm", SPENDING);
      const infinite = { ...SPENDING, perHour: Number.POSITIVE_INFINITY };
      await expect(memory.noteSpending("fleet", "llm", infinite)).rejects.toBeInstanceOf(MemoryUnreadable);
      expect(await memory.spendingOf("fleet")).toEqual({ llm: SPENDING });
    });

    it.each([
      ["is no JSON", "{"],
      ["is something else", "7"],
      ["lacks a field", JSON.stringify({ ...SPENDING, day: undefined })],
      ["has a field this version does not know", JSON.stringify({ ...SPENDING, currency: "EUR" })],
      ["is below zero", JSON.stringify({ ...SPENDING, spent: -1 })],
    ])("is not guessed at when what is stored %s", async (_what, text) => {
      const { memory, corruptSpending } = await under().corruptible();
      await memory.noteSpending("fleet", "rl", SPENDING);
      await memory.noteSpending("fleet", "llm", SPENDING);
      await corruptSpending("fleet", "llm", text);
      await expect(memory.spendingOf("fleet")).rejects.toBeInstanceOf(MemoryUnreadable);
      await expect(memory.spendingOf("fleet")).rejects.toThrow(/the spending of llm/);
    });
  });
}
