import type { Operation, OperationState, PoolState } from "../../../shared/model/pool.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { PoolError } from "../../../shared/pools/errors.ts";
import type { PoolPlan } from "../blueprint.ts";
import type { Random } from "../random.ts";
import type { CloudPool } from "./cloud-pool.ts";
import { Machines } from "./machines.ts";

const FINISHED = "finished";
/** AKS's own limit for a user pool. */
const MAX = 1000;
/** Share of changes between whose read and write somebody else changes the pool, so that the ETag no longer fits. */
const CONFLICTS = 0.05;

/**
 * An AKS agent pool: changed by read-modify-write under its ETag, one operation at a time, `Failed` until another change when
 * capacity was not found. The count of a spot pool falls with every eviction and stays there.
 */
export class AksPool implements CloudPool {
  readonly plan: PoolPlan;
  readonly machines: Machines;
  readonly #random: Random;
  #endsAt: EpochSeconds | null = null;
  #state: "Succeeded" | "Scaling" | "Failed" = "Succeeded";
  #operations = 0;
  #version = 1;
  readonly #failed = new Set<string>();
  desired: number;

  constructor(plan: PoolPlan, now: EpochSeconds, random: Random) {
    this.plan = plan;
    this.desired = plan.desired;
    this.#random = random;
    this.machines = new Machines(plan.name, plan.desired, now, random);
  }

  get #token(): string {
    return `started-${this.#operations}`;
  }

  advance(now: EpochSeconds): void {
    this.desired = Math.max(0, this.desired - this.machines.leave(now));
    if (this.#state === "Failed") return;
    this.machines.follow(this.desired, now);
    if (this.#endsAt === null || now < this.#endsAt) return;
    const whole = this.machines.count >= this.desired;
    // The machines that boot still are in the cluster before the operation ends.
    if (whole && this.machines.ready(now) < this.machines.count) return;
    this.#endsAt = null;
    this.#state = whole ? "Succeeded" : "Failed";
    if (!whole) this.#failed.add(this.#token);
  }

  observe(now: EpochSeconds): PoolState {
    this.advance(now);
    const nodes = this.machines.states(now);
    const failed = this.#state === "Failed";
    const message = `agent pool ${this.plan.name}: AllocationFailed`;
    return {
      desired: this.desired,
      ready: nodes.filter((n) => n.ready).length,
      noticed: 0,
      min: 0,
      max: MAX,
      status: this.#state === "Scaling" ? "updating" : failed ? "degraded" : "active",
      issues: failed ? [{ kind: "NoCapacity", message }] : [],
      capacityError: failed ? now : null,
      nodes: nodes.map((n) => ({ ...n, noticed: false })),
      step: 1,
      etag: String(this.#version),
    };
  }

  resize(nodes: number, _key: string, now: EpochSeconds): Operation {
    this.advance(now);
    const scaling = this.#state === "Scaling";
    if (nodes === this.desired && this.#state !== "Failed")
      return { pool: this.plan.name, token: scaling ? this.#token : FINISHED };
    if (scaling) throw new PoolError("Busy", `${this.plan.name} is Scaling; the next run tries again`);
    if (this.#random.chance(CONFLICTS)) {
      this.#version += 1;
      throw new PoolError("Busy", `${this.plan.name} is being changed by someone else; the next run tries again`);
    }
    this.#start(nodes, now);
    return { pool: this.plan.name, token: this.#token };
  }

  #start(nodes: number, now: EpochSeconds): void {
    this.#version += 1;
    this.#operations += 1;
    this.desired = nodes;
    this.#state = "Scaling";
    this.#endsAt = now + this.#random.between(15, 120);
    this.advance(now);
  }

  remove(ids: readonly string[], _key: string, now: EpochSeconds): Operation {
    this.advance(now);
    const live = ids.filter((id) => this.machines.ids.includes(id));
    if (live.length === 0) return { pool: this.plan.name, token: FINISHED };
    if (this.#state === "Scaling") throw new PoolError("Busy", `${this.plan.name} is Scaling`);
    this.machines.end(live);
    this.#start(Math.max(0, this.desired - live.length), now);
    return { pool: this.plan.name, token: this.#token };
  }

  poll(operation: Operation, now: EpochSeconds): OperationState {
    this.advance(now);
    const message = `agent pool ${this.plan.name}: AllocationFailed`;
    if (this.#failed.has(operation.token)) return { kind: "failed", error: { kind: "NoCapacity", message } };
    const running = this.#state === "Scaling" && operation.token === this.#token;
    return { kind: running ? "running" : "succeeded" };
  }

  setByOutsider(nodes: number, now: EpochSeconds): boolean {
    this.advance(now);
    if (this.#state === "Scaling") return false;
    this.#start(nodes, now);
    return true;
  }

  reclaim(share: number, now: EpochSeconds): void {
    this.machines.reclaim(share, 0, now);
    this.advance(now);
  }
}
