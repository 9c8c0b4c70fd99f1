import { fleetOf, NOON, poolOf, seriesOf, unknown, workloadIn } from "../../../test/support/fleet.ts";
import type { Learned, LearnedPool } from "../../model/learned.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { PoolObservation } from "../../model/pool.ts";
import type { SignalObservation } from "../../model/signal.ts";
import { createContext } from "../context.ts";
import type { Lesson } from "./learn.ts";

const signal = { source: "prom", query: "x", maxAge: "60s" };
export const policyWith = (more: { readonly perNode?: number; readonly maxWait: string }) =>
  fleetOf(
    {
      nodes: { min: 0, max: 6 },
      scaleUp: undefined,
      scaleDown: undefined,
      objective: { arrivals: "arrivals", backlog: "backlog", inService: "running", ...more },
    },
    { signals: { arrivals: signal, backlog: signal, running: signal } },
  );
/** A node serves one request a second, which may wait for a minute. */
export const REQUESTS = policyWith({ perNode: 1, maxWait: "60s" });
/** A node serves three jobs a minute, which may wait for five. */
export const JOBS = policyWith({ perNode: 0.05, maxWait: "5m" });
export const UNTOLD = policyWith({ maxWait: "60s" });

export interface Seen {
  readonly policy?: typeof REQUESTS;
  /** Numbers are what is measured at noon; a signal that is left out is unknown. */
  readonly arrivals?: SignalObservation | number;
  readonly backlog?: number;
  readonly running?: number;
  readonly pool?: PoolObservation;
  readonly memory?: Partial<WorkloadMemory>;
}

/** What is learned at noon from what was learned before, or at first sight. */
export function lessonOf(
  learned: Learned | null,
  { policy = REQUESTS, pool = poolOf(2), memory = {}, ...seen }: Seen,
): Lesson {
  const observed = (value: SignalObservation | number | undefined): SignalObservation =>
    typeof value === "number" ? { kind: "series", series: seriesOf(NOON, 0, () => value) } : (value ?? unknown);
  const { arrivals, backlog, running } = seen;
  const signals = { arrivals: observed(arrivals), backlog: observed(backlog), running: observed(running) };
  const observation = { workload: "llm", trigger: "tick" as const, signals, pools: { llm: pool }, others: null };
  const context = createContext(policy, workloadIn(policy), observation, { ...EMPTY_MEMORY, ...memory, learned }, NOON);
  if (context.lesson === null) throw new Error("nothing was learned");
  return context.lesson;
}

/** Two nodes that serve, as they were learned of a minute before noon. */
export const POOL: LearnedPool = {
  desired: 2,
  ready: 2,
  noticed: 0,
  given: 2,
  orders: [],
  upSince: NOON - 3600,
  losses: 0,
  exposure: 0,
  shut: false,
  limit: 0,
  triedAt: NOON - 3600,
  probing: false,
  refusals: 0,
  heard: null,
};
export const pastWith = (more: Partial<Learned> = {}, pool: Partial<LearnedPool> = {}): Learned => ({
  ...lessonOf(null, {}).learned,
  at: NOON - 60,
  pools: { llm: { ...POOL, ...pool } },
  ...more,
});
export const NOTHING = { arrivals: 0, backlog: 0, running: 0 };
export const order = (after: number, nodes: number) => ({ at: NOON + after, nodes });
