import { afterEach, describe, expect, it } from "vitest";
import type { Wake } from "../../shared/model/observation.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import { DEDUPLICATION_WINDOW, MAX_RECEIVE_COUNT } from "../../shared/wake/limits.ts";
import { type WakeQueue, WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";

export interface QueueUnderTest {
  readonly queue: WakeQueue;
  /** Moves the queue's clock on. */
  advance(duration: Seconds): void;
  /** Resolves once all that can be delivered now was, and nothing runs. */
  settle(): Promise<void>;
  /** Resolves once nothing waits any more, neither for its turn nor for another try; moves the clock as it must. */
  finish(): Promise<void>;
  deadLetters(): readonly Wake[];
  /** Makes the queue refuse everything from now on. */
  breakDown(): Promise<void>;
  stop(): Promise<void>;
}

export type StartQueue = (consume: (wake: Wake) => Promise<void>) => Promise<QueueUnderTest>;

export const wake = (workload: string, key = `${workload}/1`, cause = key): Wake => ({
  workload,
  trigger: "alert",
  cause,
  at: 1_700_000_000.25,
  key,
});

/** A door that consumers wait at until it is opened. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** What every adapter of `WakeQueue` must do. */
export function wakeContract(name: string, start: StartQueue): void {
  describe(`wake queue: ${name}`, () => {
    let under: QueueUnderTest | null = null;
    afterEach(async () => {
      await under?.stop();
      under = null;
    });
    const started = async (consume: (wake: Wake) => Promise<void>) => {
      under = await start(consume);
      return under;
    };

    it("brings a wake-up exactly as it was sent, and only once", async () => {
      const seen: Wake[] = [];
      const { queue, finish } = await started(async (each) => void seen.push(each));
      const sent = wake("llm", "a key of any length ".repeat(50), 'any "cause" ☃ \u0000 \uffff \ud800');
      await queue.send([sent]);
      await finish();
      expect(seen).toEqual([sent]);
    });

    it("sends nothing when there is nothing to send", async () => {
      const seen: Wake[] = [];
      const { queue, finish } = await started(async (each) => void seen.push(each));
      await queue.send([]);
      await finish();
      expect(seen).toEqual([]);
    });

    it("brings a wake-up for every one of many workloads", async () => {
      const seen: string[] = [];
      const { queue, finish } = await started(async ({ workload }) => void seen.push(workload));
      const workloads = Array.from({ length: 123 }, (_, n) => `workload-${n}`);
      await queue.send(workloads.map((each) => wake(each)));
      await finish();
      expect(seen.toSorted()).toEqual(workloads.toSorted());
    });

    it("takes equal keys within five minutes for one wake-up, and not a moment longer [F18]", async () => {
      const seen: Wake[] = [];
      const { queue, advance, settle } = await started(async (each) => void seen.push(each));
      await queue.send([wake("llm", "k"), wake("llm", "k")]);
      await settle();
      advance(DEDUPLICATION_WINDOW - 1);
      await queue.send([wake("llm", "k")]);
      await settle();
      expect(seen).toHaveLength(1);
      advance(1);
      await queue.send([wake("llm", "k")]);
      await settle();
      expect(seen).toHaveLength(2);
    });

    it("runs one wake-up of a workload at a time, and others beside it [F65]", async () => {
      const door = gate();
      const begun: string[] = [];
      const ended: string[] = [];
      const { queue, finish } = await started(async ({ workload, key }) => {
        begun.push(key);
        if (workload === "slow") await door.passed;
        ended.push(key);
      });
      await queue.send([wake("slow", "slow/1")]);
      await until(() => begun.includes("slow/1"));
      await queue.send([wake("slow", "slow/2"), wake("quick")]);
      await until(() => ended.includes("quick/1"));
      expect(begun).toEqual(["slow/1", "quick/1"]);
      door.open();
      await finish();
      expect(ended).toEqual(["quick/1", "slow/1", "slow/2"]);
    });

    it("brings a wake-up that failed again", async () => {
      let calls = 0;
      const { queue, finish, deadLetters } = await started(async () => {
        if (++calls < MAX_RECEIVE_COUNT) throw new Error("not yet");
      });
      await queue.send([wake("llm")]);
      await finish();
      expect(calls).toBe(MAX_RECEIVE_COUNT);
      expect(deadLetters()).toEqual([]);
    });

    it("gives a wake-up that always fails up to the dead letters, and holds up nobody else [F19]", async () => {
      const calls: string[] = [];
      const { queue, finish, deadLetters } = await started(async ({ workload }) => {
        calls.push(workload);
        if (workload === "poison") throw new Error("no");
      });
      await queue.send([wake("poison"), wake("llm")]);
      await finish();
      expect(calls.filter((workload) => workload === "poison")).toHaveLength(MAX_RECEIVE_COUNT);
      expect(calls.filter((workload) => workload === "llm")).toHaveLength(1);
      expect(deadLetters()).toEqual([wake("poison")]);
      await queue.send([wake("poison", "poison/2")]);
      await finish();
      expect(calls.filter((workload) => workload === "poison")).toHaveLength(2 * MAX_RECEIVE_COUNT);
    });

    it("says that it is unavailable when it cannot take everything", async () => {
      const { queue, breakDown } = await started(async () => {});
      await breakDown();
      await expect(queue.send([wake("llm")])).rejects.toBeInstanceOf(WakeQueueUnavailable);
    });
  });
}

/** Resolves once the condition holds, looking again after each turn of the event loop; gives up after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
