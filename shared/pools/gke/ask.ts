import { setTimeout as sleep } from "node:timers/promises";
import type * as z from "zod/mini";
import type { GkeRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { GkeLimits } from "./clients.ts";
import { mayPassAtOnce, named, toPoolError } from "./errors.ts";

/** How calls about one node pool are made: bounded, parsed, and with whatever goes wrong turned into a `PoolError`. */
export interface Ask {
  /** A call that may be repeated: a read, or a change that Google itself knows again. `name` is the API's own. */
  readonly repeat: Asked;
  /** A call that is made once. */
  readonly once: Asked;
  /** Waits before try number `tried + 1`; false when there is to be none. */
  pause(tried: number): Promise<boolean>;
}

type Asked = <S extends z.ZodMiniType>(name: string, reply: S, send: () => Promise<unknown>) => Promise<z.output<S>>;

export function asker(ref: GkeRef, limits: GkeLimits, abort: AbortSignal): Ask {
  const pause = async (tried: number): Promise<boolean> => {
    if (tried >= limits.attempts || abort.aborted) return false;
    await sleep(limits.backoff * 2 ** (tried - 1) * 1000, undefined, { signal: abort }).catch(() => undefined);
    return !abort.aborted;
  };
  const tries =
    (again: boolean): Asked =>
    async (name, reply, send) => {
      for (let tried = 1; ; tried++) {
        try {
          return parsed(await unlessOver(send, abort), name, reply, ref);
        } catch (error) {
          if (!again || !mayPassAtOnce(error) || !(await pause(tried))) throw toPoolError(error, name, ref);
        }
      }
    };
  return { repeat: tries(true), once: tries(false), pause };
}

function parsed<S extends z.ZodMiniType>(answer: unknown, name: string, reply: S, ref: GkeRef): z.output<S> {
  const { data, error } = reply.safeParse(answer);
  if (error === undefined) return data;
  throw new PoolError(
    "Unavailable",
    `${named(ref)}: ${name} got an answer that lacks what Google documents. The next run tries again.`,
    { cause: error },
  );
}

/** What `send` gives, or an `AbortError` as soon as the run's time is over: the SDK's calls cannot be cancelled. */
export async function unlessOver<T>(send: () => Promise<T>, abort: AbortSignal): Promise<T> {
  const over = () => new DOMException("the run's time is over", "AbortError");
  if (abort.aborted) throw over();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(over());
  abort.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([send(), promise]);
  } finally {
    abort.removeEventListener("abort", stop);
  }
}
