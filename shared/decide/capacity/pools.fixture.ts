import { fleetOf, MINUTE, NOON, poolOf, workloadIn } from "../../../test/support/fleet.ts";
import { EMPTY_MEMORY, type WorkloadMemory } from "../../model/memory.ts";
import type { PolicyInput } from "../../policy/schema/policy.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { decide } from "../decide.ts";
import { recordAccepted } from "../history.ts";

type PoolInput = PolicyInput["workloads"][string]["pools"][number];

const eks = { region: "eu-central-1", cluster: "prod", nodegroup: "n" };

export const spotPool = (name: string, more: Partial<PoolInput> = {}): PoolInput => ({
  name,
  capacity: "spot",
  pricePerHour: 1,
  eks,
  ...more,
});
export const onDemandPool = (name: string, more: Partial<PoolInput> = {}): PoolInput => ({
  ...spotPool(name, more),
  capacity: "on-demand",
  pricePerHour: more.pricePerHour ?? 3,
});

interface SimulatedPool {
  /** What the cloud has room for; lower it, and nothing is taken back, but nothing more comes. */
  room: number;
  /** Whether the cloud neither gives nor refuses for now. */
  silent: boolean;
  desired: number;
  /** When each node that was given is ready. */
  nodes: EpochSeconds[];
  /** Of those, the oldest so many are under notice. */
  noticed: number;
  capacityError: EpochSeconds | null;
}

/** What one look came to. */
export interface Seen {
  readonly now: EpochSeconds;
  readonly want: number;
  readonly reason: string;
  /** Each pool's size before and after, and its ready nodes before. */
  readonly pools: Readonly<Record<string, { readonly from: number; readonly to: number; readonly ready: number }>>;
}

const BOOT: Seconds = 4 * MINUTE;

/** A workload whose size is told by an operator's hold, on clouds that give nodes as far as they have room; looked at each minute. */
export class PoolWorld {
  now: EpochSeconds = NOON;
  want: number;
  readonly pools: Readonly<Record<string, SimulatedPool>>;
  readonly seen: Seen[] = [];
  private memory: WorkloadMemory = EMPTY_MEMORY;
  private readonly policy: ReturnType<typeof fleetOf>;

  constructor(pools: readonly PoolInput[], want: number, workload: Parameters<typeof fleetOf>[0] = {}) {
    this.want = want;
    const scaleIn = { interruptible: true };
    this.policy = fleetOf({ nodes: { min: 0, max: 8 }, scaleIn, ...workload, pools: [...pools] });
    this.pools = Object.fromEntries(
      pools.map(({ name }) => [
        name,
        { room: 100, silent: false, desired: 0, nodes: [], noticed: 0, capacityError: null },
      ]),
    );
  }

  pool(name: string): SimulatedPool {
    const found = this.pools[name];
    if (found === undefined) throw new Error(`no pool ${name}`);
    return found;
  }

  readyOf = ({ nodes }: SimulatedPool): number => nodes.filter((at) => at <= this.now).length;

  /** Clouds hold what they are asked for: they take away the newest, and give more as far as there is room. */
  private settle(pool: SimulatedPool): void {
    pool.nodes.sort((a, b) => a - b);
    if (pool.nodes.length > pool.desired) pool.nodes.length = pool.desired;
    pool.noticed = Math.min(pool.noticed, pool.nodes.length);
    if (pool.silent) return;
    while (pool.nodes.length < pool.desired && pool.nodes.length < pool.room) pool.nodes.push(this.now + BOOT);
    if (pool.nodes.length < pool.desired) pool.capacityError = this.now;
  }

  /** The nodes under notice go; the cloud's own count stays. */
  reclaim(name: string): void {
    const pool = this.pool(name);
    pool.nodes.splice(0, pool.noticed);
    pool.noticed = 0;
    pool.room = Math.min(pool.room, pool.nodes.length);
  }

  /** Looks once, and does what was decided. */
  look(): Seen {
    const workload = workloadIn(this.policy);
    const hold = {
      kind: "hold",
      nodes: this.want,
      reason: "test",
      actor: "test",
      at: NOON,
      until: this.now + 60,
    } as const;
    const observation = {
      workload: "llm",
      trigger: "tick" as const,
      signals: {},
      pools: Object.fromEntries(
        Object.entries(this.pools).map(([name, p]) => {
          const nodes = p.nodes.map((at, i) => ({ id: `${name}-${i}`, ready: at <= this.now, noticed: i < p.noticed }));
          const more = { noticed: p.noticed, capacityError: p.capacityError, max: 100, nodes };
          return [name, poolOf(p.desired, this.readyOf(p), more)];
        }),
      ),
      others: null,
    };
    const { decision, memory } = decide(
      this.policy,
      workload,
      observation,
      { ...this.memory, overrides: [hold] },
      this.now,
    );
    const changes = Object.entries(this.pools).map(([name, p]) => {
      const to = decision.pools[name] ?? p.desired;
      return [name, { from: p.desired, to, ready: this.readyOf(p) }] as const;
    });
    const from = Object.values(this.pools).reduce((sum, p) => sum + p.desired, 0);
    for (const [name, { to }] of changes) this.pool(name).desired = to;
    const to = Object.values(this.pools).reduce((sum, p) => sum + p.desired, 0);
    this.memory = from === to ? memory : recordAccepted(memory, workload, { from, to }, this.now);
    for (const p of Object.values(this.pools)) this.settle(p);
    const seen = { now: this.now, want: decision.want, reason: decision.reason, pools: Object.fromEntries(changes) };
    this.seen.push(seen);
    return seen;
  }

  run(minutes: number): void {
    for (let i = 0; i < minutes; i += 1) {
      this.look();
      this.now += MINUTE;
      for (const p of Object.values(this.pools)) this.settle(p);
    }
  }

  /** What the pools are asked for. */
  desired(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.pools).map(([name, p]) => [name, p.desired]));
  }

  ready(): number {
    return Object.values(this.pools).reduce((sum, p) => sum + this.readyOf(p), 0);
  }

  /** The looks at which something changed. */
  changes(): Seen[] {
    return this.seen.filter(({ pools }) => Object.values(pools).some(({ from, to }) => from !== to));
  }
}
