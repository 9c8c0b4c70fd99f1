import { prettifyError } from "zod/mini";
import { UnknownWorkload } from "../../shared/reconcile/look.ts";
import { clean } from "../../shared/telemetry/telemetry.ts";
import { audit } from "./audit.ts";
import { InvalidRequest, type InvokeDeps } from "./deps.ts";
import { hold, pause, reconcileNow, resumeNow, wakeUp } from "./operate.ts";
import { explain, plan } from "./plan.ts";
import type { Reply } from "./reply.ts";
import { type InvokeRequest, request } from "./request.ts";
import { status } from "./status.ts";

/** Seconds for which a repeated request id gives the same reply: longer than any client keeps trying. */
const REPLY_KEPT = 86_400;

function dispatch(wanted: InvokeRequest, deps: InvokeDeps): Promise<Reply> {
  switch (wanted.action) {
    case "plan":
      return plan(wanted, deps);
    case "explain":
      return explain(wanted, deps);
    case "status":
      return status(wanted, deps);
    case "audit":
      return audit(wanted, deps);
    case "reconcile":
      return reconcileNow(wanted, deps);
    case "hold":
      return hold(wanted, deps);
    case "wake":
      return wakeUp(wanted, deps);
    case "pause":
      return pause(wanted, deps);
    case "resume":
      return resumeNow(wanted, deps);
    default:
      return wanted satisfies never;
  }
}

const failure = (code: string, message: string): Reply => ({ summary: message, error: { code, message } });

function parse(event: unknown): InvokeRequest {
  const parsed = request.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(`not a request that vramp knows: ${prettifyError(parsed.error).replaceAll(/\s+/g, " ")}`);
}

/** Runs a request once for each `requestId`: a repeated one gets the first one's reply. */
async function once(wanted: InvokeRequest, deps: InvokeDeps): Promise<Reply> {
  const id = "requestId" in wanted ? wanted.requestId : undefined;
  if (id === undefined) return dispatch(wanted, deps);
  const earlier = await deps.memory.recall(id, deps.clock());
  if (earlier !== null && earlier !== undefined) return { summary: `as answered before: request ${id}`, earlier };
  const reply = await dispatch(wanted, deps);
  await deps.memory.remember(id, reply, deps.clock() + REPLY_KEPT);
  return reply;
}

/**
 * Manual invoke, from the AWS console or the CLI: plan, explain, status, audit, reconcile, hold, pause, resume. The reply is JSON
 * that a person can read, `summary` first; what went wrong is in it under `error`, and never thrown.
 */
export function createInvokeHandler(deps: InvokeDeps): (event: unknown) => Promise<Reply> {
  return async (event) => {
    try {
      return await once(parse(event), deps);
    } catch (error) {
      const message = clean(error instanceof Error ? error.message : String(error));
      if (error instanceof InvalidRequest) return failure("BadRequest", message);
      if (error instanceof UnknownWorkload) return failure("UnknownWorkload", message);
      deps.telemetry.error("invoke failed", { error: message });
      return failure("Unavailable", message);
    }
  };
}
