import { restorePoller } from "@azure/arm-containerservice";
import * as z from "zod/mini";
import type { OperationState } from "../../model/pool.ts";
import type { AksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import type { Ask } from "./ask.ts";
import type { AksClient } from "./clients.ts";
import { toFailure } from "./errors.ts";
import { canceled } from "./status.ts";

// What the SDK's poller throws for an operation that ended badly: plain errors, without code or status.
const FAILED = /^The long-running operation has failed(?:\. (?<code>\w+)\. (?<message>.*))?$/s;
const CANCELED = /^Operation was canceled/;

const thrown = z.object({ message: z.string() });
const progress = z.object({ status: z.string(), text: z.string() });

/**
 * How an operation is doing, by the poller that an earlier run serialized: one request, and one more when it is done. Null
 * if AKS has forgotten it, or gives no reason for its failure; the pool's own state tells then.
 */
export async function pollRestored(
  { aks }: AksClient,
  poller: string,
  ref: AksRef,
  ask: Ask,
  abort: AbortSignal,
): Promise<OperationState | null> {
  const restored = restorePoller(aks, poller, aks.agentPools.createOrUpdate, { abortSignal: abort });
  try {
    const { status, text } = await ask("agentPools operation", progress, () =>
      restored.poll({ abortSignal: abort }).then(({ status }) => ({ status, text: "" }), ending),
    );
    return outcomeOf(status, text, ref);
  } catch (error) {
    if (error instanceof PoolError && error.kind === "NotFound") return null;
    throw error;
  }
}

/** A bad end is an answer; everything else stays an error. */
function ending(error: unknown): z.output<typeof progress> {
  const text = thrown.safeParse(error).data?.message ?? "";
  if (FAILED.test(text)) return { status: "failed", text };
  if (CANCELED.test(text)) return { status: "canceled", text };
  throw error;
}

function outcomeOf(status: string, text: string, ref: AksRef): OperationState | null {
  if (status === "succeeded") return { kind: "succeeded" };
  if (status === "canceled") return canceled(ref);
  if (status !== "failed") return { kind: "running" };
  const { code, message = "" } = FAILED.exec(text)?.groups ?? {};
  return code === undefined ? null : { kind: "failed", error: toFailure({ code, message }, ref) };
}
