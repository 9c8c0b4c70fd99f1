import { expect, it } from "vitest";
import { keep } from "./keep.ts";
import { RENEW_BEFORE } from "./limits.ts";

/** A credential that lasts an hour, how often it was fetched, and whether the next fetch fails. */
function hourly() {
  const state = { now: 1000, fetched: 0, fails: false };
  const get = keep(
    async () => {
      state.fetched += 1;
      if (state.fails) throw new Error("no service");
      return { value: state.fetched, expires: state.now + 3600 };
    },
    () => state.now,
  );
  return { state, get: async () => (await get()).value };
}

it("asks once, however many need it at the same time and until shortly before its end", async () => {
  const { state, get } = hourly();

  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
  state.now += 3600 - RENEW_BEFORE - 1;
  expect(await get()).toBe(1);
  state.now += 1;
  expect(await get()).toBe(2);
});

it("serves the old one while a renewal fails, and not beyond its end", async () => {
  const { state, get } = hourly();
  await get();
  state.fails = true;

  state.now += 3599;
  expect(await get()).toBe(1);
  state.now += 1;
  await expect(get()).rejects.toThrow("no service");
});

it("does not keep a failure", async () => {
  const { state, get } = hourly();
  state.fails = true;
  await expect(get()).rejects.toThrow("no service");
  state.fails = false;

  expect(await get()).toBe(2);
});
