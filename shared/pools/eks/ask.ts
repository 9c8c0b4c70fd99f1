import type * as z from "zod/mini";
import type { EksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { named, toPoolError } from "./errors.ts";

/** One call to AWS: its reply parsed, and whatever goes wrong turned into a `PoolError`. `name` is the API's own. */
export type Ask = <S extends z.ZodMiniType>(
  name: string,
  reply: S,
  send: () => Promise<unknown>,
) => Promise<z.output<S>>;

/** How calls for one node group are made. */
export const asker =
  (ref: EksRef): Ask =>
  async (name, reply, send) => {
    let answer: unknown;
    try {
      answer = await send();
    } catch (error) {
      throw toPoolError(error, name, ref);
    }
    const parsed = reply.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new PoolError(
      "Unavailable",
      `${named(ref)}: ${name} got an answer that lacks what AWS documents. The next run tries again.`,
      { cause: parsed.error },
    );
  };
