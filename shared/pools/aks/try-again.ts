import { setTimeout as pause } from "node:timers/promises";
import type { PipelinePolicy, PipelineResponse } from "@azure/core-rest-pipeline";
import * as z from "zod/mini";
import type { Seconds } from "../../policy/units.ts";
import type { AksLimits } from "./limits.ts";

/**
 * Bounds every request of a client, tries again what may pass, and gives up when its signal fires. In place of the SDK's own
 * retries, which never repeat a request that timed out and wait for as long as a `Retry-After` says.
 */
export function tryAgain(limits: AksLimits): PipelinePolicy {
  return {
    name: "vrampTryAgain",
    async sendRequest(request, next) {
      request.timeout = limits.requestTimeout * 1000;
      for (let tries = 1; ; tries++) {
        const last = tries >= limits.attempts;
        const backoff = limits.backoff * 2 ** (tries - 1);
        let wait: Seconds = backoff;
        try {
          const response = await next(request);
          const asked = waitAfter(response, backoff);
          if (last || asked === null || asked > limits.retryAfter) return response;
          wait = asked;
        } catch (error) {
          if (last || request.abortSignal?.aborted === true || !mayPass(error)) throw error;
        }
        await pause(wait * 1000);
      }
    },
  };
}

/** How long to wait before the next try; null if this answer stays what it is. */
function waitAfter({ status, headers }: PipelineResponse, backoff: Seconds): Seconds | null {
  if (status !== 429 && status !== 408 && (status < 500 || status === 501 || status === 505)) return null;
  const asked = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(asked) ? asked : backoff;
}

const thrown = z.object({ name: z.string(), code: z.catch(z.optional(z.string()), undefined) });

/** A time-out (the only `AbortError` while the signal is quiet), or a connection that broke or never was. */
function mayPass(error: unknown): boolean {
  const { name, code } = thrown.safeParse(error).data ?? { name: "", code: undefined };
  return name === "AbortError" || /^E[A-Z]+$/.test(code ?? "") || code === "REQUEST_SEND_ERROR";
}
