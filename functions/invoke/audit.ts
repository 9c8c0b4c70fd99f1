import type { InvokeDeps } from "./deps.ts";
import type { Reply } from "./reply.ts";
import type { RequestOf } from "./request.ts";

/**
 * The newest events of a workload's audit as they are stored, the newest first; also of one that the policy no longer has.
 * Whether their chain holds is for whoever reads them to check: a store that altered one would say that it does.
 */
export async function audit({ workload, last }: RequestOf<"audit">, { memory }: InvokeDeps): Promise<Reply> {
  const events = await memory.history(workload, last);
  const summary = events.length === 0 ? `${workload} has no audit` : `${workload}: the newest ${events.length} events`;
  return { summary, workload, events };
}
