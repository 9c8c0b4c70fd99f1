import { describe, expect, it } from "vitest";
import { MemoryUnreadable } from "../../shared/memory/errors.ts";
import { EMPTY_MEMORY } from "../../shared/model/memory.ts";
import { EMPTY_OUTBOX, type Outbox } from "../../shared/model/outbox.ts";
import type { MemoryUnderTest } from "./memory.contract.ts";

/** Every field filled, with a number that a store of decimals would change. */
const FULL: Outbox = {
  messages: [
    {
      id: "m1",
      at: 1_700_000_000.123_456_7,
      notice: {
        occasions: ["failed", "scaled"],
        fleet: "prod",
        workload: "llm",
        headline: "llm: 2 → 4 nodes ☃",
        what: ["2 → 4 nodes"],
        why: ["RuleMatched: queue is 120"],
        toDo: ["Raise it."],
        command: "vramp explain llm",
      },
      targets: ["slack vramp/slack"],
    },
  ],
  pauses: [{ target: "slack vramp/slack", failures: 2, until: 0.1 + 0.2 }],
  problems: [{ problem: "failed spot Forbidden", since: 1, seen: 2, told: true }],
};

/** What every adapter of `Memory` must do with what people are to be told. */
export function outboxContract(under: () => MemoryUnderTest): void {
  describe("an outbox", () => {
    it("is empty, at version 0, before anything was saved", async () => {
      expect(await (await under().fresh()).outbox("workload#llm")).toEqual({ value: EMPTY_OUTBOX, version: 0 });
    });

    it("comes back exactly as it was saved, under the next version, and under its own key alone", async () => {
      const memory = await under().fresh();
      expect(await memory.saveOutbox("workload#llm", FULL, 0)).toBe(true);
      expect(await memory.outbox("workload#llm")).toEqual({ value: FULL, version: 1 });
      expect(await memory.saveOutbox("workload#llm", EMPTY_OUTBOX, 1)).toBe(true);
      expect(await memory.outbox("workload#llm")).toEqual({ value: EMPTY_OUTBOX, version: 2 });
      expect(await memory.outbox("fleet#llm")).toEqual({ value: EMPTY_OUTBOX, version: 0 });
    });

    it("is not saved over somebody else's", async () => {
      const memory = await under().fresh();
      await memory.saveOutbox("workload#llm", FULL, 0);
      for (const expected of [0, 2])
        expect(await memory.saveOutbox("workload#llm", EMPTY_OUTBOX, expected)).toBe(false);
      expect(await memory.outbox("workload#llm")).toEqual({ value: FULL, version: 1 });
    });

    it("goes to exactly one of 20 who save at the same time", async () => {
      const memory = await under().fresh();
      const saves = await Promise.all(Array.from({ length: 20 }, () => memory.saveOutbox("workload#llm", FULL, 0)));
      expect(saves.filter((saved) => saved)).toHaveLength(1);
    });

    it("does not touch the workload's memory, its lease or its audit", async () => {
      const memory = await under().fresh();
      const version = await memory.save("llm", EMPTY_MEMORY, 0);
      await memory.saveOutbox("workload#llm", FULL, 0);
      expect(await memory.load("llm")).toEqual({ value: EMPTY_MEMORY, version });
      expect(await memory.history("llm", 9)).toEqual([]);
      expect(await memory.acquire("workload#llm", "a", 10, 100)).toMatchObject({ epoch: 1 });
    });

    it("is refused when it could not be read again, and the old one stays", async () => {
      const memory = await under().fresh();
      await memory.saveOutbox("workload#llm", FULL, 0);
      const broken = { ...FULL, pauses: [{ target: "t", failures: 0, until: 1 }] };
      await expect(memory.saveOutbox("workload#llm", broken, 1)).rejects.toBeInstanceOf(MemoryUnreadable);
      expect(await memory.outbox("workload#llm")).toEqual({ value: FULL, version: 1 });
    });

    it.each([
      ["is no JSON", "{"],
      ["is something else", "[]"],
      ["lacks a field", JSON.stringify({ ...FULL, pauses: undefined })],
      ["has a field this version does not know", JSON.stringify({ ...FULL, digest: true })],
    ])("is not guessed at when what is stored %s", async (_what, text) => {
      const { memory, corruptOutbox } = await under().corruptible();
      await memory.saveOutbox("workload#llm", FULL, 0);
      await corruptOutbox("workload#llm", text);
      await expect(memory.outbox("workload#llm")).rejects.toBeInstanceOf(MemoryUnreadable);
      await expect(memory.outbox("workload#llm")).rejects.toThrow(/the outbox of workload#llm/);
    });
  });
}
