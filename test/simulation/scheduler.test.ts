import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScheduler } from "./scheduler.ts";
import { withVirtualTimers } from "./timers.ts";

describe("the scheduler", () => {
  it("runs events in the order of their time, and of one moment in the order in which they were asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (delays) => {
        const scheduler = createScheduler(1000);
        const ran: [delay: number, index: number][] = [];
        delays.forEach((delay, index) => {
          scheduler.after(delay, () => void ran.push([delay, index]));
        });
        await scheduler.runUntil(1020);
        expect(ran).toEqual(delays.map((delay, index) => [delay, index]).toSorted(([a = 0], [b = 0]) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it("goes no further than it is told, and stands there", async () => {
    const scheduler = createScheduler(0);
    let ran = false;
    scheduler.after(10, () => {
      ran = true;
    });
    await scheduler.runUntil(9);
    expect([ran, scheduler.now]).toEqual([false, 9]);
    await scheduler.runUntil(10);
    expect(ran).toBe(true);
  });

  it("lets the promises of an event run dry before the next", async () => {
    const scheduler = createScheduler(0);
    const order: string[] = [];
    scheduler.after(1, () => {
      void (async () => {
        for (let i = 0; i < 100; i += 1) await null;
        order.push("first");
      })();
    });
    scheduler.after(1, () => void order.push("second"));
    await scheduler.runUntil(1);
    expect(order).toEqual(["first", "second"]);
  });

  it("owns the process's timers while it is asked to, and gives them back", async () => {
    const scheduler = createScheduler(0);
    const real = [globalThis.setTimeout, AbortSignal.timeout];
    const fired: string[] = [];
    await withVirtualTimers(scheduler, async () => {
      setTimeout(() => fired.push("timer"), 5_000);
      clearTimeout(setTimeout(() => fired.push("cleared"), 1_000));
      AbortSignal.timeout(7_000).addEventListener("abort", () => fired.push("abort"));
      await scheduler.runUntil(6);
      expect(fired).toEqual(["timer"]);
      await scheduler.runUntil(7);
    });
    expect(fired).toEqual(["timer", "abort"]);
    expect([globalThis.setTimeout, AbortSignal.timeout]).toEqual(real);
  });
});
