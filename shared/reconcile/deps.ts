import type { Memory } from "../memory/memory.ts";
import type { Clock } from "../model/clock.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { NodePools } from "../pools/node-pools.ts";
import type { SignalSources } from "../signals/sources.ts";
import type { Stop } from "../stop/stop.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** A policy that passed its checks, and the hash that names this very text of it. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly revision: string;
}

/** Everything a run needs of the outside world. */
export interface ReconcileDeps {
  readonly policy: () => Promise<PolicyInForce>;
  readonly sources: SignalSources;
  readonly pools: NodePools;
  readonly memory: Memory;
  /** Asked before every mutating call; apart from the memory. */
  readonly stop: Stop;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** A new unique id. */
  readonly newId: () => string;
}
