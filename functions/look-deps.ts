import { randomUUID } from "node:crypto";
import type { ReconcileDeps } from "../shared/reconcile/deps.ts";
import type { Stop } from "../shared/stop/stop.ts";
import { openMemory } from "./memory.ts";
import { outside } from "./outside.ts";
import { clock, policy, policyInForce, telemetry } from "./runtime.ts";
import { lazySecrets } from "./secrets.ts";

/** All that a look takes, in the stack. */
export async function lookDeps(stop: Stop): Promise<ReconcileDeps> {
  const memory = openMemory();
  const { sources, pools } = outside((await policy()).fleet, lazySecrets());
  return { policy: policyInForce, sources, pools, memory, stop, telemetry, clock, newId: randomUUID };
}
