import * as z from "zod/mini";
import { TRIGGERS, type Wake } from "../model/observation.ts";
import { label } from "../policy/border.ts";

/** A wake-up as a message carries it. Others may add fields later; those are left out. */
const wake = z.object({
  workload: label,
  trigger: z.enum(TRIGGERS),
  cause: z.string(),
  at: z.number(),
  key: z.string().check(z.minLength(1)),
}) satisfies z.ZodMiniType<Wake>;

/** A message that holds no wake-up. Trying it again gives the same. */
export class WakeUnreadable extends Error {
  override readonly name = "WakeUnreadable";
}

/** The text a queue carries for a wake-up. U+FFFE and U+FFFF are escaped: SQS refuses them, and JSON does not. */
export const formatWake = ({ workload, trigger, cause, at, key }: Wake): string =>
  JSON.stringify({ workload, trigger, cause, at, key }).replaceAll("\uFFFE", "\\ufffe").replaceAll("\uFFFF", "\\uffff");

/** The wake-up in a message's body. Throws `WakeUnreadable`. */
export function parseWake(body: string): Wake {
  const result = wake.safeParse(jsonOf(body));
  if (result.success) return result.data;
  const problems = z.prettifyError(result.error).replaceAll(/\s+/g, " ");
  throw new WakeUnreadable(`the message is no wake-up (${problems}); let it go to the dead-letter queue`, {
    cause: result.error,
  });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // refused by the schema, like any other body without a wake-up
  }
}
