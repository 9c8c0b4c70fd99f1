import type { Pool } from "../../shared/policy/schema/pools.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";

/** Why a cloud gives no more nodes. */
export type Shortage = "capacity" | "quota";

/** What a pool is like before the story. Sizes are nodes. */
export interface Beginning {
  readonly size: number;
  /** The minimum that the cloud enforces, where it keeps one; 0 when absent. */
  readonly min?: number;
}

/** One pool of the policy as its emulated cloud has it, and what others than vramp do to it. Sizes are nodes. */
export interface CloudPool {
  readonly pool: Pool;
  readonly workload: string;
  /** Its size before anything happened. */
  readonly began: number;
  /** What the cloud is asked for. */
  desired(): number;
  /** Provider ids of the nodes that are ready now. */
  ready(): readonly string[];
  /** From now on launches beyond so many nodes fail. */
  limit(nodes: number, because: Shortage): void;
  /** Somebody else sets the size. */
  setDesired(nodes: number): void;
}

/** One call by which vramp asked a cloud for a change, from the emulator's log of calls. */
export interface CloudChange {
  readonly at: EpochSeconds;
  readonly pool: string;
  /** The cloud's name for the call, such as `UpdateNodegroupConfig`. */
  readonly call: string;
  /** What was asked for: a size in nodes, or null where the call names nodes instead. */
  readonly nodes: number | null;
  /** The nodes that the call removes, as the cloud itself names them. */
  readonly removes: readonly string[];
  readonly accepted: boolean;
}

/** One emulated cloud with the policy's pools in it. */
export interface Cloud {
  readonly pools: readonly CloudPool[];
  /** What vramp asked for, oldest first. */
  changes(): readonly CloudChange[];
  /** The environment variables that lead vramp to this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}
