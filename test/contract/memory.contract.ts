import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NEVER_FAILED } from "../../shared/decide/capacity/health.ts";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { MemoryUnavailable, MemoryUnreadable, VersionConflict } from "../../shared/memory/errors.ts";
import { MAX_VALUE_BYTES } from "../../shared/memory/limits.ts";
import type { Memory } from "../../shared/memory/memory.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../shared/model/memory.ts";
import { entry, play, simpleModel, step } from "./memory.model.ts";
import { outboxContract } from "./memory.outbox.ts";
import { spendingContract } from "./memory.spending.ts";

export interface MemoryUnderTest {
  /** An empty store. */
  fresh(): Promise<Memory>;
  /** An empty store, and a way to write anything in place of a workload's memory, of what it noted of its spending, or of an outbox. */
  corruptible(): Promise<{
    memory: Memory;
    corrupt: (workload: string, text: string) => Promise<void>;
    corruptSpending: (fleet: string, workload: string, text: string) => Promise<void>;
    corruptOutbox: (key: string, text: string) => Promise<void>;
  }>;
  /** How many runs of the property test it is quick enough for. */
  readonly propertyRuns: number;
  stop(): Promise<void>;
}

/** Every field filled, with numbers that a store of decimals or of 32-bit floats would change. */
export const FULL: WorkloadMemory = {
  ...EMPTY_MEMORY,
  recommendations: [{ at: 1_700_000_000.123_456_7, nodes: 3 }],
  scaleUps: [{ at: 0.1 + 0.2, change: 2 }],
  scaleDowns: [{ at: 5e-324, change: 1 }],
  lastChange: { at: 1.797_693_134_862_315_7e308, from: 1, to: 3, settledAt: null },
  overrides: [
    { kind: "hold", nodes: 2, reason: "launch day ☃ \u0000", actor: "ada", at: 1, until: 2 },
    { kind: "pause", direction: "in", reason: "", actor: "", at: 1, until: 2 },
  ],
  intents: [
    {
      id: "i1",
      pool: "llm-spot",
      from: 1,
      to: 3,
      remove: null,
      at: 9,
      epoch: 4,
      policyRevision: "abc",
      operation: { pool: "llm-spot", token: "t" },
    },
  ],
  pools: { "llm-spot": { at: 9, desired: 3, ready: 1, health: NEVER_FAILED } },
  lastDecision: { at: 9, current: 1, want: 3, reason: "RuleMatched", detail: "queue > 10" },
};

/** What every adapter of `Memory` must do. */
export function memoryContract(name: string, start: () => Promise<MemoryUnderTest>): void {
  describe(`memory: ${name}`, () => {
    let under: MemoryUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under.stop());

    describe("a workload's memory", () => {
      it("is empty, at version 0, before anything was saved", async () => {
        const memory = await under.fresh();
        expect(await memory.load("llm")).toEqual({ value: EMPTY_MEMORY, version: 0 });
      });

      it("comes back exactly as it was saved, under the version that save returned", async () => {
        const memory = await under.fresh();
        const version = await memory.save("llm", FULL, 0);
        expect(await memory.load("llm")).toEqual({ value: FULL, version });
        expect(await memory.load("other")).toEqual({ value: EMPTY_MEMORY, version: 0 });
      });

      it("is not saved over somebody else's [F65]", async () => {
        const memory = await under.fresh();
        const version = await memory.save("llm", FULL, 0);
        for (const expected of [0, version - 1, version + 1])
          await expect(memory.save("llm", EMPTY_MEMORY, expected)).rejects.toBeInstanceOf(VersionConflict);
        expect(await memory.load("llm")).toEqual({ value: FULL, version });
      });

      it("does not change under whoever saved or loaded it", async () => {
        const memory = await under.fresh();
        const mine = { ...EMPTY_MEMORY, recommendations: [{ at: 1, nodes: 1 }] };
        await memory.save("llm", mine, 0);
        mine.recommendations.push({ at: 2, nodes: 2 });
        for (const workload of ["llm", "never-saved"])
          Object.assign((await memory.load(workload)).value, { overrides: "scribble" });
        expect((await memory.load("llm")).value.recommendations).toEqual([{ at: 1, nodes: 1 }]);
        expect((await memory.load("llm")).value.overrides).toEqual([]);
        expect((await memory.load("never-saved")).value.overrides).toEqual([]);
      });

      it("goes to exactly one of 50 who save at the same time [F65]", async () => {
        const memory = await under.fresh();
        const version = await memory.save("llm", EMPTY_MEMORY, 0);
        const saves = await Promise.allSettled(
          Array.from({ length: 50 }, (_, nodes) =>
            memory.save("llm", { ...EMPTY_MEMORY, recommendations: [{ at: 1, nodes }] }, version),
          ),
        );
        const winners = saves.flatMap((save, index) => (save.status === "fulfilled" ? [index] : []));
        const losers = saves.flatMap((save) => (save.status === "rejected" ? [save.reason] : []));
        expect(winners).toHaveLength(1);
        expect(losers.every((error) => error instanceof VersionConflict)).toBe(true);
        expect((await memory.load("llm")).value.recommendations[0]?.nodes).toBe(winners[0]);
      });

      it("is refused when it could not be read again, and the old one stays", async () => {
        const memory = await under.fresh();
        const version = await memory.save("llm", FULL, 0);
        const notANumber = { ...FULL, recommendations: [{ at: Number.NaN, nodes: 1 }] };
        await expect(memory.save("llm", notANumber, version)).rejects.toBeInstanceOf(MemoryUnreadable);
        expect(await memory.load("llm")).toEqual({ value: FULL, version });
      });

      it("is stored up to the size limit and refused above it", async () => {
        const memory = await under.fresh();
        const padded = (letters: number): WorkloadMemory => ({
          ...EMPTY_MEMORY,
          lastDecision: { at: 1, current: 0, want: 0, reason: "Unaffected", detail: "x".repeat(letters) },
        });
        const room = MAX_VALUE_BYTES - JSON.stringify(padded(0)).length;
        const version = await memory.save("llm", padded(room), 0);
        await expect(memory.save("llm", padded(room + 1), version)).rejects.toThrow(/bytes/);
        await expect(memory.save("llm", padded(room + 1), version)).rejects.toBeInstanceOf(MemoryUnavailable);
        expect((await memory.load("llm")).version).toBe(version);
      });

      it.each([
        ["is no JSON", "{"],
        ["is something else", "[]"],
        ["lacks its schema", JSON.stringify({ ...FULL, schema: undefined })],
        ["is of a newer schema", JSON.stringify({ ...FULL, schema: FULL.schema + 1 })],
        ["has a field this version does not know", JSON.stringify({ ...FULL, quarantine: true })],
        ["lacks a field", JSON.stringify({ ...FULL, overrides: undefined })],
        ["has a reason this version does not know", JSON.stringify(FULL).replace("RuleMatched", "constructor")],
        ["hides a prototype", JSON.stringify(FULL).replace(/^\{/, '{"__proto__":{"schema":1},')],
      ])("is not guessed at when what is stored %s [F70]", async (_what, text) => {
        const { memory, corrupt } = await under.corruptible();
        await memory.save("llm", FULL, 0);
        await corrupt("llm", text);
        await expect(memory.load("llm")).rejects.toBeInstanceOf(MemoryUnreadable);
        await expect(memory.load("llm")).rejects.toThrow(/llm/);
      });
    });

    describe("a lease", () => {
      it("is held by one until it expires, then the next holder has a greater epoch [F66] [F71]", async () => {
        const memory = await under.fresh();
        const first = await memory.acquire("llm", "a", 10, 100.5);
        expect(first).toEqual({ key: "llm", holder: "a", epoch: 1, expiresAt: 110.5 });
        expect(await memory.acquire("llm", "b", 10, 110.4)).toBeNull();
        expect(await memory.acquire("llm", "b", 10, 110.5)).toMatchObject({ holder: "b", epoch: 2 });
        expect(await memory.acquire("llm", "a", 10, 111)).toBeNull();
      });

      it("is renewed by its holder under the same epoch", async () => {
        const memory = await under.fresh();
        await memory.acquire("llm", "a", 10, 100);
        expect(await memory.acquire("llm", "a", 10, 105)).toMatchObject({ epoch: 1, expiresAt: 115 });
        expect(await memory.acquire("llm", "b", 10, 112)).toBeNull();
      });

      it("that expired comes back to the same holder under a new epoch, so that its earlier self can be told apart [F66]", async () => {
        const memory = await under.fresh();
        await memory.acquire("llm", "a", 10, 100);
        expect(await memory.acquire("llm", "a", 10, 110)).toMatchObject({ epoch: 2 });
      });

      it("is free at once when released, and the epoch still grows", async () => {
        const memory = await under.fresh();
        const lease = await memory.acquire("llm", "a", 10, 100);
        if (lease !== null) await memory.release(lease);
        expect(await memory.acquire("llm", "b", 10, 100)).toMatchObject({ holder: "b", epoch: 2 });
      });

      it("is not taken from its new holder by the release of an old one [F66]", async () => {
        const memory = await under.fresh();
        const old = await memory.acquire("llm", "a", 10, 100);
        await memory.acquire("llm", "a", 10, 120);
        if (old !== null) await memory.release(old);
        expect(await memory.acquire("llm", "b", 10, 121)).toBeNull();
        await memory.release({ key: "never", holder: "a", epoch: 1, expiresAt: 0 });
        expect(await memory.acquire("never", "b", 10, 121)).toMatchObject({ epoch: 1 });
      });

      it("goes to exactly one of 20 who ask at the same time [F65]", async () => {
        const memory = await under.fresh();
        const leases = await Promise.all(
          Array.from({ length: 20 }, (_, n) => memory.acquire("llm", `holder-${n}`, 10, 100)),
        );
        expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
      });
    });

    describe("the audit", () => {
      it("is empty at first, then tells the newest first", async () => {
        const memory = await under.fresh();
        expect(await memory.history("llm", 10)).toEqual([]);
        for (const n of [1, 2, 3]) await memory.append(entry("llm", { n }));
        await memory.append(entry("other", { n: 9 }));
        expect((await memory.history("llm", 2)).map(({ data }) => data)).toEqual([{ n: 3 }, { n: 2 }]);
        expect((await memory.history("llm", 99)).map(({ sequence }) => sequence)).toEqual([3, 2, 1]);
        expect(await memory.history("llm", 0)).toEqual([]);
      });

      it("keeps its order past the ninth event", async () => {
        const memory = await under.fresh();
        for (let n = 1; n <= 11; n++) await memory.append(entry("llm", { n }));
        expect((await memory.history("llm", 3)).map(({ data }) => data.n)).toEqual([11, 10, 9]);
      });

      it("takes all of 20 events appended at the same time into one unbroken chain [T24]", async () => {
        const memory = await under.fresh();
        const appended = await Promise.all(Array.from({ length: 20 }, (_, n) => memory.append(entry("llm", { n }))));
        const events = (await memory.history("llm", 99)).toReversed();
        expect(new Set(events.map(({ data }) => data.n)).size).toBe(20);
        expect(new Set(appended.map(({ sequence }) => sequence)).size).toBe(20);
        expect(verifyChain(events)).toBeNull();
      });

      it("keeps any JSON as it is, harmful keys included, and the chain still holds", async () => {
        const memory = await under.fresh();
        const data = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"z":[-1.5e-7,"\\ud800"],"10":1,"9":2}');
        const appended = await memory.append(entry("llm", data));
        const events = await memory.history("llm", 1);
        expect(events).toEqual([appended]);
        expect(JSON.stringify(events[0]?.data)).toBe(JSON.stringify(data));
        expect(verifyChain(events)).toBeNull();
        expect(Object.getPrototypeOf(events[0]?.data)).toBe(Object.prototype);
      });

      it("drops what JSON has no word for before it is hashed", async () => {
        const memory = await under.fresh();
        await memory.append(entry("llm", { gone: undefined, nothing: Number.NaN }));
        const events = await memory.history("llm", 1);
        expect(events[0]?.data).toEqual({ nothing: null });
        expect(verifyChain(events)).toBeNull();
      });
    });

    describe("a request", () => {
      it("that was never answered has no reply", async () => {
        expect(await (await under.fresh()).recall("r1", 100)).toBeNull();
      });

      it("gets the first reply again until it expires [F25] [F71]", async () => {
        const memory = await under.fresh();
        await memory.remember("r1", { summary: "held" }, 200.5);
        await memory.remember("r1", { summary: "late" }, 300);
        expect(await memory.recall("r1", 200.4)).toEqual({ summary: "held" });
        expect(await memory.recall("r1", 200.5)).toBeNull();
      });

      it("can be answered anew once its reply has expired, however long the store keeps it [F71]", async () => {
        const memory = await under.fresh();
        await memory.remember("r1", "old", 200);
        await memory.recall("r1", 201);
        await memory.remember("r1", "new", 300);
        expect(await memory.recall("r1", 202)).toBe("new");
      });
    });

    spendingContract(() => under);
    outboxContract(() => under);

    it("does what a simple model does, whatever the order of calls", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const memory = await under.fresh();
          const model = simpleModel();
          for (const each of steps) expect(await play(memory, each)).toEqual(model(each));
        }),
        { numRuns: under.propertyRuns },
      );
    });
  });
}
