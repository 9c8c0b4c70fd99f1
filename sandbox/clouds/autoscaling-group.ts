import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { Activities, LAUNCH_RETRY, type Pace, type Shortage, shortageText } from "./autoscaling-launches.ts";
import { AwsFailure } from "./aws-wire.ts";

export type Lifecycle = "Pending" | "InService" | "Terminating:Wait";

export interface Instance {
  readonly id: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
  /** When the lifecycle moves on by itself; null for a node in service that nobody reclaims. */
  readonly until: EpochSeconds | null;
  readonly activity: string | null;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

export interface GroupSpec extends Bounds {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly spot: boolean;
  readonly instanceType: string;
  readonly pace: Pace;
}

/** How many nodes EC2 gives at a time, and why not more. */
export interface Supply {
  readonly nodes: number | ((at: EpochSeconds) => number);
  readonly because: Shortage;
}

/** A launch that failed, until a later launch makes the group whole. */
export interface Trouble {
  readonly since: EpochSeconds;
  readonly because: Shortage;
  readonly message: string;
}

// The notice EC2 gives before it takes a spot instance back.
const SPOT_NOTICE: Seconds = 120;

const UNLIMITED: Supply = { nodes: Number.POSITIVE_INFINITY, because: "capacity" };

/**
 * One Auto Scaling group. Nothing happens by itself: `advance` plays what fell due since, in order of time. It chooses
 * what to terminate as Auto Scaling does, by zone and then by lot, and knows nothing of pods.
 */
export class AutoScalingGroup {
  readonly spec: Omit<GroupSpec, keyof Bounds>;
  readonly activities = new Activities();
  #bounds: Bounds;
  #instances: readonly Instance[] = [];
  #supply: Supply = UNLIMITED;
  #retryAt: EpochSeconds | null = null;
  #trouble: Trouble | null = null;
  #launched = 0;
  #lot: number;

  /** A group as if made long ago: its nodes are in service. */
  constructor({ min, max, desired, ...spec }: GroupSpec) {
    this.spec = spec;
    this.#bounds = { min, max, desired };
    this.#lot = [...spec.name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 31, 7);
    for (let n = 0; n < desired; n++) this.#add("InService", null, null);
  }

  get bounds(): Bounds {
    return this.#bounds;
  }
  get instances(): readonly Instance[] {
    return this.#instances;
  }
  get trouble(): Trouble | null {
    return this.#trouble;
  }
  get arn(): string {
    return `arn:aws:autoscaling:${this.spec.region}:111122223333:autoScalingGroup:0:autoScalingGroupName/${this.spec.name}`;
  }

  /** Plays everything that falls due up to `to`. */
  advance(to: EpochSeconds): void {
    for (let at = this.#nextDue(); at <= to; at = this.#nextDue()) {
      const due = this.#instances.find((instance) => instance.until === at);
      if (due !== undefined) this.#moveOn(due, at);
      this.#balance(at, "a difference between desired and actual capacity");
    }
  }

  /** Sets bounds and size; the caller has checked that they fit one another. */
  resize(bounds: Bounds, at: EpochSeconds): void {
    this.advance(at);
    const { desired } = this.#bounds;
    this.#bounds = bounds;
    this.#retryAt = null;
    this.#balance(at, `a user request changing the desired capacity from ${desired} to ${bounds.desired}`);
  }

  /** What EC2 gives from now on. */
  setSupply(supply: Supply): void {
    this.#supply = supply;
  }

  /** Two minutes from now EC2 takes the instance; returns when. */
  interrupt(id: string, at: EpochSeconds): EpochSeconds {
    this.advance(at);
    const instance = this.#instances.find((candidate) => candidate.id === id);
    if (!this.spec.spot || instance?.lifecycle !== "InService")
      throw new Error(`${id} is no spot instance in service of ${this.spec.name}; only those are interrupted`);
    const until = at + SPOT_NOTICE;
    this.#replace({ ...instance, until });
    return until;
  }

  /** `TerminateInstanceInAutoScalingGroup`; returns the activity's id. */
  terminate(id: string, decrement: boolean, at: EpochSeconds): string {
    const instance = this.#live().find((candidate) => candidate.id === id);
    if (instance === undefined)
      throw new AwsFailure(
        400,
        "ValidationError",
        `Instance Id not found - No managed instance found for instance ID: ${id}`,
      );
    const { min, desired } = this.#bounds;
    if (decrement && desired - 1 < min)
      throw new AwsFailure(
        400,
        "ValidationError",
        `Currently, desiredSize equals minSize (${min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
      );
    if (decrement) this.#bounds = { ...this.#bounds, desired: desired - 1 };
    const activity = this.#terminate(instance, at, "a user request to terminate it");
    this.#balance(at, "a terminated instance needing to be replaced");
    return activity;
  }

  #live(): readonly Instance[] {
    return this.#instances.filter((instance) => instance.lifecycle !== "Terminating:Wait");
  }

  #nextDue(): EpochSeconds {
    const dues = this.#instances.flatMap((instance) => instance.until ?? []);
    return Math.min(this.#retryAt ?? Number.POSITIVE_INFINITY, ...dues);
  }

  #moveOn(instance: Instance, at: EpochSeconds): void {
    if (instance.activity !== null) this.activities.end(instance.activity, at);
    switch (instance.lifecycle) {
      case "Pending":
        this.#replace({ ...instance, lifecycle: "InService", until: null, activity: null });
        if (this.#live().every(({ lifecycle }) => lifecycle === "InService") && this.#missing() <= 0)
          this.#trouble = null;
        return;
      case "InService":
        this.#terminate(instance, at, "an EC2 health check indicating it has been terminated or stopped");
        return;
      case "Terminating:Wait":
        this.#instances = this.#instances.filter((other) => other.id !== instance.id);
        return;
      default:
        instance.lifecycle satisfies never;
    }
  }

  /** How many instances are still owed; negative when there are too many. */
  #missing(): number {
    return this.#bounds.desired - this.#live().length;
  }

  /** Launches what is missing as far as EC2 gives it, and terminates what is too much. */
  #balance(at: EpochSeconds, reason: string): void {
    if (this.#retryAt !== null && at < this.#retryAt) return;
    this.#retryAt = null;
    for (let excess = -this.#missing(); excess > 0; excess--) {
      const chosen = this.#choice();
      if (chosen !== undefined) this.#terminate(chosen, at, reason);
    }
    for (let missing = this.#missing(); missing > 0; missing--) {
      const given = typeof this.#supply.nodes === "number" ? this.#supply.nodes : this.#supply.nodes(at);
      if (this.#live().length >= given) {
        this.#refuse(at, reason);
        return;
      }
      const cause = `At ${iso(at)} an instance was started in response to ${reason}.`;
      const activity = this.activities.begin(`Launching a new EC2 instance: ${this.#nextId()}`, cause, at);
      this.#add("Pending", at + this.spec.pace.launch, activity);
    }
  }

  #refuse(at: EpochSeconds, reason: string): void {
    const { because } = this.#supply;
    const message = shortageText(because, this.spec.spot, this.spec.instanceType, this.#nextZone());
    this.#trouble = { since: this.#trouble?.since ?? at, because, message };
    this.#retryAt = at + LAUNCH_RETRY;
    const description = `Launching a new EC2 instance.  Status Reason: ${message}`;
    this.activities.fail(description, `At ${iso(at)} an instance was started in response to ${reason}.`, message, at);
  }

  #terminate(instance: Instance, at: EpochSeconds, reason: string): string {
    if (instance.activity !== null) this.activities.end(instance.activity, at);
    const cause = `At ${iso(at)} instance ${instance.id} was taken out of service in response to ${reason}.`;
    const activity = this.activities.begin(`Terminating EC2 instance: ${instance.id}`, cause, at);
    this.#replace({ ...instance, lifecycle: "Terminating:Wait", until: at + this.spec.pace.drain, activity });
    return activity;
  }

  /** The zone with the most instances first, then by lot. */
  #choice(): Instance | undefined {
    const live = this.#live();
    const inZone = (zone: string) => live.filter((instance) => instance.zone === zone);
    const [fullest] = this.spec.zones.map(inZone).toSorted((a, b) => b.length - a.length);
    this.#lot = (this.#lot * 1_103_515_245 + 12_345) % 2 ** 31;
    return fullest?.[this.#lot % fullest.length];
  }

  #nextZone(): string {
    const live = this.#live();
    const count = (zone: string) => live.filter((instance) => instance.zone === zone).length;
    return this.spec.zones.toSorted((a, b) => count(a) - count(b))[0] ?? `${this.spec.region}a`;
  }

  // Ids grow with the launches and hold the group's name in digest, so that no two groups share one.
  #nextId(): string {
    const group = [...this.spec.name].reduce((sum, char) => (sum * 131 + char.charCodeAt(0)) % 2 ** 32, 17);
    return `i-0${group.toString(16).padStart(8, "0")}${(this.#launched + 1).toString(16).padStart(8, "0")}`;
  }

  #add(lifecycle: Lifecycle, until: EpochSeconds | null, activity: string | null): void {
    const instance = { id: this.#nextId(), zone: this.#nextZone(), lifecycle, until, activity };
    this.#launched += 1;
    this.#instances = [...this.#instances, instance];
  }

  #replace(instance: Instance): void {
    this.#instances = this.#instances.map((other) => (other.id === instance.id ? instance : other));
  }
}

const iso = (at: EpochSeconds): string => new Date(at * 1000).toISOString();
