import type * as z from "zod/mini";
import type { AksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { named, toPoolError } from "./errors.ts";

/** One call to Azure: its reply parsed, and whatever goes wrong turned into a `PoolError`. `name` is the SDK's own. */
export type Ask = <S extends z.ZodMiniType>(
  name: string,
  reply: S,
  send: () => Promise<unknown>,
) => Promise<z.output<S>>;

/** How calls for one agent pool are made in one run. Not every request of the SDK's own hears the signal, so it is heard here. */
export const asker =
  (ref: AksRef, abort: AbortSignal): Ask =>
  async (name, reply, send) => {
    let answer: unknown;
    try {
      answer = await unlessAborted(send, abort);
    } catch (error) {
      throw toPoolError(error, name, ref, abort.aborted);
    }
    const parsed = reply.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new PoolError(
      "Unavailable",
      `${named(ref)}: ${name} got an answer that lacks what Azure documents. The next run tries again.`,
      { cause: parsed.error },
    );
  };

async function unlessAborted<T>(send: () => Promise<T>, abort: AbortSignal): Promise<T> {
  abort.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const listener = () => reject(abort.reason);
  abort.addEventListener("abort", listener, { once: true });
  try {
    return await Promise.race([send(), promise]);
  } finally {
    abort.removeEventListener("abort", listener);
  }
}
