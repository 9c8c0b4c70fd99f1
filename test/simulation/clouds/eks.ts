import type { Operation, OperationState, PoolState } from "../../../shared/model/pool.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { PoolError } from "../../../shared/pools/errors.ts";
import { removalTokens } from "../../../shared/pools/removal-token.ts";
import type { PoolPlan } from "../blueprint.ts";
import type { Random } from "../random.ts";
import type { CloudPool } from "./cloud-pool.ts";
import { Machines } from "./machines.ts";

interface Update {
  readonly token: string;
  readonly min: number | null;
  readonly desired: number | null;
  readonly appliesAt: EpochSeconds;
  readonly endsAt: EpochSeconds;
}

const removals = removalTokens("removal:");

/**
 * An EKS managed node group: busy while it updates; the Auto Scaling group hears of a new size only during the update; a
 * repeated request token is the same request; DEGRADED stays until a launch makes the group whole again; what the cloud takes
 * back is launched anew.
 */
export class EksPool implements CloudPool {
  readonly plan: PoolPlan;
  readonly machines: Machines;
  readonly #random: Random;
  readonly #updates = new Map<string, Update>();
  #current: Update | null = null;
  #min = 0;
  #degraded = false;
  desired: number;

  constructor(plan: PoolPlan, now: EpochSeconds, random: Random) {
    this.plan = plan;
    this.desired = plan.desired;
    this.#random = random;
    this.machines = new Machines(plan.name, plan.desired, now, random);
  }

  advance(now: EpochSeconds): void {
    const update = this.#current;
    if (update !== null && now >= update.appliesAt) {
      this.#min = update.min ?? this.#min;
      this.desired = update.desired ?? this.desired;
      this.#current = now >= update.endsAt ? null : { ...update, desired: null };
    }
    this.machines.leave(now);
    this.machines.follow(this.desired, now);
    if (this.machines.count < this.desired) this.#degraded = true;
    else if (this.desired > 0 && this.machines.ready(now) >= this.desired) this.#degraded = false;
  }

  observe(now: EpochSeconds): PoolState {
    this.advance(now);
    const nodes = this.machines.states(now);
    const ready = nodes.filter((n) => n.ready).length;
    const message = `node group ${this.plan.name}: no capacity`;
    return {
      desired: this.desired,
      ready,
      noticed: 0,
      min: this.#min,
      max: this.plan.max,
      status: this.#current !== null ? "updating" : this.#degraded ? "degraded" : "active",
      issues: this.#degraded ? [{ kind: "NoCapacity", message }] : [],
      capacityError: this.desired > ready ? this.machines.shortageAt : null,
      nodes: nodes.map((n) => ({ ...n, noticed: false })),
      step: 1,
      etag: null,
    };
  }

  resize(nodes: number, key: string, now: EpochSeconds): Operation {
    this.advance(now);
    if (nodes > this.plan.max) throw new PoolError("Invalid", `${this.plan.name}: ${nodes} is above its maxSize`);
    return this.#update(key, nodes <= this.#min ? nodes : null, nodes, now);
  }

  remove(ids: readonly string[], key: string, now: EpochSeconds): Operation {
    this.advance(now);
    const live = ids.filter((id) => this.machines.ids.includes(id));
    const left = this.machines.count - live.length;
    if (left < this.#min) return this.#update(key, left, null, now);
    this.desired = Math.max(0, this.desired - this.machines.end(live));
    return { pool: this.plan.name, token: removals.tokenOf(ids) };
  }

  #update(key: string, min: number | null, desired: number | null, now: EpochSeconds): Operation {
    const known = this.#updates.get(key);
    if (known !== undefined) return { pool: this.plan.name, token: known.token };
    if (this.#current !== null) throw new PoolError("Busy", `${this.plan.name} is updating; the next run tries again`);
    const appliesAt = now + this.#random.between(0, 15);
    const endsAt = appliesAt + this.#random.between(5, 60);
    this.#current = { token: `update-${this.#updates.size + 1}`, min, desired, appliesAt, endsAt };
    this.#updates.set(key, this.#current);
    return { pool: this.plan.name, token: this.#current.token };
  }

  poll(operation: Operation, now: EpochSeconds): OperationState {
    this.advance(now);
    const removed = removals.removedBy(operation.token);
    if (removed !== null) {
      const gone = removed.every((id) => !this.machines.ids.includes(id));
      return { kind: gone ? "succeeded" : "running" };
    }
    return { kind: this.#current?.token === operation.token ? "running" : "succeeded" };
  }

  setByOutsider(nodes: number, now: EpochSeconds): boolean {
    this.advance(now);
    if (nodes < this.#min || nodes > this.plan.max) return false;
    this.desired = nodes;
    return true;
  }

  reclaim(share: number, now: EpochSeconds): void {
    this.machines.reclaim(share, 0, now);
    this.advance(now);
  }
}
