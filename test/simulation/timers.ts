import type { Scheduler } from "./scheduler.ts";

const restored = (target: object, name: string, value: unknown) => {
  const before = Reflect.get(target, name);
  Reflect.set(target, name, value);
  return () => void Reflect.set(target, name, before);
};

/** One for all: nobody reads it, and making one each time costs more than the rest of a look. */
const TIMED_OUT = new Error("the time is over");

/**
 * Puts the process's own timers on the scheduler's clock while `body` runs: what the code under test waits for passes in
 * virtual time, and its deadlines fire there and nowhere else.
 */
export async function withVirtualTimers<T>(scheduler: Scheduler, body: () => Promise<T>): Promise<T> {
  const cleared = new WeakSet<object>();
  const setVirtual = (work: () => void, milliseconds = 0): object => {
    const timer = {};
    scheduler.after(milliseconds / 1000, () => {
      if (!cleared.has(timer)) work();
    });
    return timer;
  };
  const abortAfter = (milliseconds: number): AbortSignal => {
    const controller = new AbortController();
    scheduler.after(milliseconds / 1000, () => controller.abort(TIMED_OUT));
    return controller.signal;
  };
  const restore = [
    restored(globalThis, "setTimeout", setVirtual),
    restored(globalThis, "clearTimeout", (timer: object) => void cleared.add(timer)),
    restored(AbortSignal, "timeout", abortAfter),
  ];
  try {
    return await body();
  } finally {
    for (const undo of restore) undo();
  }
}
