import type { Lease } from "../../shared/memory/memory.ts";
import type { AuditEntry } from "../../shared/model/audit.ts";
import type { Intent, WorkloadMemory } from "../../shared/model/memory.ts";
import type { OthersSpending } from "../../shared/model/observation.ts";
import type { PoolState } from "../../shared/model/pool.ts";
import type { SignalObservation } from "../../shared/model/signal.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Invocation } from "./invocation.ts";

/** One mutating call as it left the function. What came of it is filled in as it happens. */
export interface Call {
  readonly pool: string;
  readonly workload: string;
  /** The size asked for, or the nodes to be removed. */
  readonly asks: { readonly nodes: number } | { readonly remove: readonly string[] };
  /** True time, and what the function took for it. */
  readonly at: EpochSeconds;
  readonly clock: EpochSeconds;
  /** When the cloud carried it out; null while it has not. */
  appliedAt: EpochSeconds | null;
  /** What the function heard. */
  heard: "nothing" | "accepted" | "refused";
}

/** Everything that one look at a workload was told and did, as seen at the function's border. */
export interface Look {
  readonly invocation: Invocation;
  readonly workload: string;
  readonly lease: Lease | null;
  readonly loaded: WorkloadMemory;
  /** What the clouds and sources told this look; a pool or signal that is missing was not told. */
  readonly pools: Map<string, PoolState>;
  readonly signals: Map<string, SignalObservation>;
  /** By workload, US dollars an hour, as the look was told; null if it was not. */
  others: Readonly<Record<string, OthersSpending["perHour"]>> | null;
  /** The memory with the decision and its intents, once that is durable. */
  decided: WorkloadMemory | null;
  readonly calls: Call[];
}

/** What can be seen from outside. Invariants judge each as it happens. */
export type Happening =
  /** A decision and its intents became durable. */
  | { readonly kind: "decided"; readonly look: Look }
  /** A mutating call leaves a function. */
  | { readonly kind: "called"; readonly look: Look; readonly call: Call }
  /** A workload's memory was stored; by whom, and what stood there before. */
  | {
      readonly kind: "saved";
      readonly workload: string;
      readonly before: WorkloadMemory;
      readonly after: WorkloadMemory;
      readonly invocation: Invocation;
    }
  | { readonly kind: "audited"; readonly entry: AuditEntry; readonly invocation: Invocation }
  /** Text that people or machines keep: a log line, an audit event, a reply, a stored memory. */
  | { readonly kind: "written"; readonly where: string; readonly text: string }
  /** Alertmanager was told that an alert of this workload is taken. */
  | { readonly kind: "alerted"; readonly workload: string }
  /** Everything has come to rest. */
  | { readonly kind: "rested" }
  /** A reconcile run ended without dying and without handing messages back. */
  | { readonly kind: "reconciled"; readonly looks: readonly Look[]; readonly invocation: Invocation };

/** Nodes, by pool. */
export type Sizes = ReadonlyMap<string, number>;

/** The intents that this look itself noted. */
export const ownIntents = ({ loaded, decided }: Look): readonly Intent[] =>
  (decided?.intents ?? []).filter((i) => !loaded.intents.some((o) => o.id === i.id));

/** The size that each of a workload's pools comes to once this look's intents are carried out. */
export function targetsOf(look: Look, names: readonly string[]): Sizes {
  const own = ownIntents(look);
  return new Map(
    [...seenSizes(look, names)].map(([name, seen]) => [name, own.find((i) => i.pool === name)?.to ?? seen]),
  );
}

/** The size that each pool was asked for as this look saw it; what it last was, where it was not seen. */
export const seenSizes = ({ loaded, pools }: Look, names: readonly string[]): Sizes =>
  new Map(names.map((name) => [name, pools.get(name)?.desired ?? loaded.pools[name]?.desired ?? 0] as const));

export const sumOf = (sizes: Sizes): number => [...sizes.values()].reduce((sum, n) => sum + n, 0);
