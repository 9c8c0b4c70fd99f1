import * as z from "zod/mini";
import type { EpochSeconds } from "../../policy/units.ts";
import { TOKEN_LIMIT } from "./limits.ts";

/*
 * What an operation is called across runs. AKS knows an operation only by the address that its first reply gave, which the
 * SDK's poller holds.
 */

const parts = z.discriminatedUnion("kind", [
  /** There was nothing to do. */
  z.strictObject({ kind: z.literal("finished") }),
  z.strictObject({
    kind: z.literal("started"),
    at: z.number(),
    /** The SDK's poller, serialized; null where only the pool's own state tells how it is doing. */
    poller: z.nullable(z.string()),
  }),
]);
export type Started = Extract<z.output<typeof parts>, { kind: "started" }>;

export const FINISHED = JSON.stringify({ kind: "finished" });

/** The token of an operation that began at `at`. */
export function startedToken(at: EpochSeconds, poller: string | null): string {
  const token = JSON.stringify({ kind: "started", at, poller });
  return token.length <= TOKEN_LIMIT ? token : JSON.stringify({ kind: "started", at, poller: null });
}

/** What a token says; null if it is none of ours. */
export function parseToken(token: string): z.output<typeof parts> | null {
  return parts.safeParse(json(token)).data ?? null;
}

const pollerState = z.object({
  state: z.object({ config: z.object({ operationLocation: z.string(), resourceLocation: z.optional(z.string()) }) }),
});

/** The addresses that a serialized poller asks; none if it is none. */
export function addressesIn(poller: string): readonly string[] {
  const config = pollerState.safeParse(json(poller)).data?.state.config;
  return config === undefined ? [] : [config.operationLocation, config.resourceLocation ?? config.operationLocation];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
