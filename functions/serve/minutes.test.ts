import { expect, it } from "vitest";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { everyMinute } from "./minutes.ts";

interface Script {
  readonly start: EpochSeconds;
  readonly ticks: number;
  /** Seconds that a tick takes, the first one 0. */
  readonly takes?: (tick: number) => Seconds;
  /** Seconds by which the clock has moved when a wait of so many seconds ends. */
  readonly slept?: (duration: Seconds, wait: number) => Seconds;
}

/** When each of the ticks began, on a clock that only ticks and waits move. */
async function ticksOf({ start, ticks, takes = () => 0, slept = (duration) => duration }: Script) {
  let now = start;
  let waits = 0;
  const at: EpochSeconds[] = [];
  const stop = new AbortController();
  await everyMinute({
    clock: () => now,
    signal: stop.signal,
    tick: async () => {
      at.push(now);
      now += takes(at.length - 1);
      if (at.length === ticks) stop.abort();
    },
    sleep: async (duration) => {
      now += slept(duration, waits++);
    },
  });
  return at;
}

it("ticks at once, then whenever a minute begins", async () => {
  expect(await ticksOf({ start: 1007.5, ticks: 4 })).toEqual([1007.5, 1020, 1080, 1140]);
});

it("does not drift when ticks take time", async () => {
  expect(await ticksOf({ start: 960, ticks: 4, takes: () => 7.25 })).toEqual([960, 1020, 1080, 1140]);
});

it("leaves out the minutes that began while a tick was still running", async () => {
  expect(await ticksOf({ start: 960, ticks: 3, takes: (tick) => (tick === 0 ? 150 : 0) })).toEqual([960, 1140, 1200]);
});

it("waits on when a timer fires early, so that no tick counts as the last minute's", async () => {
  const early = (duration: Seconds, wait: number) => (wait === 0 ? duration - 0.001 : duration);
  const [, second = 0] = await ticksOf({ start: 1007.5, ticks: 2, slept: early });
  expect(Math.floor(second / 60)).toBe(17);
});

it("ticks once after a long sleep of the machine", async () => {
  const asleep = (duration: Seconds, wait: number) => (wait === 0 ? 3600 : duration);
  expect(await ticksOf({ start: 1007.5, ticks: 3, slept: asleep })).toEqual([1007.5, 4607.5, 4620]);
});

it("does not wait for a clock that was set back to catch up", async () => {
  const back = (duration: Seconds, wait: number) => (wait === 0 ? -3600 : duration);
  expect(await ticksOf({ start: 7207.5, ticks: 3, slept: back })).toEqual([7207.5, 3607.5, 3660]);
});

it("ends as soon as it is told to, in the midst of a wait", async () => {
  const stop = new AbortController();
  let ticks = 0;
  const ticking = everyMinute({
    clock: () => 1000,
    signal: stop.signal,
    tick: async () => {
      ticks += 1;
      setImmediate(() => stop.abort());
    },
  });
  await ticking;
  expect(ticks).toBe(1);
});
