import type { Operation, OperationState, PoolFailure, PoolState } from "../../../shared/model/pool.ts";
import type { EpochSeconds } from "../../../shared/policy/units.ts";
import { PoolError } from "../../../shared/pools/errors.ts";
import { sizePerZone } from "../../../shared/pools/gke/sizes.ts";
import { removalTokens } from "../../../shared/pools/removal-token.ts";
import type { PoolPlan } from "../blueprint.ts";
import type { Random } from "../random.ts";
import type { CloudPool } from "./cloud-pool.ts";
import { Machines } from "./machines.ts";

/** What the node pools of one cluster share: GKE changes one thing at a time in it. */
export class GkeCluster {
  #until: EpochSeconds = Number.NEGATIVE_INFINITY;

  isBusy(now: EpochSeconds): boolean {
    return now < this.#until;
  }
  work(until: EpochSeconds): void {
    this.#until = until;
  }
}

interface Change {
  readonly token: string;
  readonly endsAt: EpochSeconds;
}

const NO_CHANGE = "no-change";
/** Seconds between GCE's notice and the end. */
const NOTICE = 30;
const removals = removalTokens("removal:");

/**
 * A GKE node pool: one operation in the whole cluster at a time, a size in every zone alike and so rounded up, no idempotency
 * token, and an operation that fails when no capacity is found although the size stays asked for.
 */
export class GkePool implements CloudPool {
  readonly plan: PoolPlan;
  readonly machines: Machines;
  readonly #cluster: GkeCluster;
  readonly #random: Random;
  #targets: number[];
  #change: Change | null = null;
  #changes = 0;
  readonly #failed = new Set<string>();

  constructor(plan: PoolPlan, cluster: GkeCluster, now: EpochSeconds, random: Random) {
    this.plan = plan;
    this.#cluster = cluster;
    this.#random = random;
    this.#targets = Array.from({ length: plan.zones }, () => plan.desired / plan.zones);
    this.machines = new Machines(plan.name, plan.desired, now, random);
  }

  get desired(): number {
    return this.#targets.reduce((sum, target) => sum + target, 0);
  }

  advance(now: EpochSeconds): void {
    this.machines.leave(now);
    this.machines.follow(this.desired, now);
    if (this.#change === null || now < this.#change.endsAt) return;
    if (this.machines.count < this.desired) this.#failed.add(this.#change.token);
    this.#change = null;
  }

  #shortage(): readonly PoolFailure[] {
    const short = this.machines.count < this.desired;
    return short ? [{ kind: "NoCapacity", message: `node pool ${this.plan.name}: out of stock` }] : [];
  }

  observe(now: EpochSeconds): PoolState {
    this.advance(now);
    const nodes = this.machines.states(now);
    const ready = nodes.filter((n) => n.ready).length;
    const issues = this.#shortage();
    return {
      desired: this.desired,
      ready,
      noticed: nodes.filter((n) => n.ready && n.noticed).length,
      min: 0,
      max: this.plan.max,
      status: this.#change !== null ? "updating" : issues.length > 0 ? "degraded" : "active",
      issues,
      capacityError: this.desired > ready ? this.machines.shortageAt : null,
      nodes,
      step: this.plan.zones,
      etag: null,
    };
  }

  resize(nodes: number, _key: string, now: EpochSeconds): Operation {
    this.advance(now);
    const each = sizePerZone(nodes, this.#targets, this.plan.zones);
    if (each === null) return { pool: this.plan.name, token: this.#change?.token ?? NO_CHANGE };
    if (this.#cluster.isBusy(now))
      throw new PoolError("Busy", `${this.plan.name}: the cluster is changing; the next run tries again`);
    this.#changes += 1;
    const endsAt = now + this.#random.between(15, 90);
    this.#change = { token: `operation-${this.#changes}`, endsAt };
    this.#cluster.work(endsAt);
    this.#targets = this.#targets.map(() => each);
    this.advance(now);
    return { pool: this.plan.name, token: this.#change?.token ?? NO_CHANGE };
  }

  remove(ids: readonly string[], _key: string, now: EpochSeconds): Operation {
    this.advance(now);
    for (let gone = this.machines.end(ids); gone > 0; gone -= 1) {
      const fullest = this.#targets.indexOf(Math.max(...this.#targets));
      this.#targets = this.#targets.map((target, i) => (i === fullest ? target - 1 : target));
    }
    return { pool: this.plan.name, token: removals.tokenOf(ids) };
  }

  poll(operation: Operation, now: EpochSeconds): OperationState {
    this.advance(now);
    const removed = removals.removedBy(operation.token);
    if (removed !== null) {
      const gone = removed.every((id) => !this.machines.ids.includes(id));
      return { kind: gone ? "succeeded" : "running" };
    }
    if (this.#change?.token === operation.token) return { kind: "running" };
    const message = `node pool ${this.plan.name}: out of stock`;
    if (this.#failed.has(operation.token)) return { kind: "failed", error: { kind: "NoCapacity", message } };
    return { kind: "succeeded" };
  }

  setByOutsider(nodes: number, now: EpochSeconds): boolean {
    this.advance(now);
    if (this.#cluster.isBusy(now)) return false;
    this.#targets = this.#targets.map(() => Math.ceil(nodes / this.plan.zones));
    return true;
  }

  reclaim(share: number, now: EpochSeconds): void {
    this.machines.reclaim(share, NOTICE, now);
  }
}
