import type { ReconcileDeps } from "../../shared/reconcile/deps.ts";
import type { WakeQueue } from "../../shared/wake/wake-queue.ts";

export type InvokeDeps = ReconcileDeps & { readonly queue: WakeQueue };

/** The caller asked for something that cannot be; the message says what and what to do. */
export class InvalidRequest extends Error {
  override readonly name = "InvalidRequest";
}
