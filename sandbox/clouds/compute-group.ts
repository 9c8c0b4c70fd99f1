import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { GoogleFailure, invalid } from "./gke-wire.ts";

/** Why Compute Engine gives no more machines. */
export type Shortage = "capacity" | "quota";

export interface LaunchError {
  readonly code: string;
  readonly message: string;
}

/** What Compute Engine says of a shortage. */
export function shortageError(because: Shortage, spot: boolean, zone: string): LaunchError {
  switch (because) {
    case "capacity":
      return {
        code: spot ? "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS" : "ZONE_RESOURCE_POOL_EXHAUSTED",
        message: `The zone '${zone}' does not have enough resources available to fulfill the request.  Try a different zone, or try again later.`,
      };
    case "quota":
      return {
        code: "QUOTA_EXCEEDED",
        message: `Quota '${spot ? "PREEMPTIBLE_" : ""}NVIDIA_L4_GPUS' exceeded.  Limit: 4.0 in region ${zone.slice(0, -2)}.`,
      };
    default:
      return because satisfies never;
  }
}

/** A machine, or the wish for one. */
export interface Instance {
  readonly name: string;
  /** Null until the machine exists. */
  readonly status: "PROVISIONING" | "RUNNING" | "STOPPING" | null;
  readonly action: "NONE" | "CREATING" | "RECREATING" | "DELETING";
  /** When it moves on by itself. */
  readonly until: EpochSeconds | null;
  /** Why its latest launch failed. */
  readonly error: LaunchError | null;
}

export interface GroupPace {
  /** From the launch to RUNNING. */
  readonly launch: Seconds;
  /** How long a machine takes to go. */
  readonly drain: Seconds;
}

export interface GroupSpec {
  readonly project: string;
  readonly zone: string;
  readonly name: string;
  /** How its instances' names begin. */
  readonly base: string;
  readonly spot: boolean;
  readonly pace: GroupPace;
  /** Why no further machine is to be had at this time, or null. */
  readonly refusal: (at: EpochSeconds) => Shortage | null;
}

export interface PastError {
  readonly at: EpochSeconds;
  readonly instance: string;
  readonly error: LaunchError;
}

// A group whose launch failed tries again, about once a minute.
const LAUNCH_RETRY: Seconds = 60;
// The notice that Compute Engine gives a spot machine.
const SPOT_NOTICE: Seconds = 30;
const KEPT_ERRORS = 100;

/**
 * One managed instance group. Nothing happens by itself: `advance` plays what fell due since, in order of time. What it takes
 * away when it shrinks it chooses by lot.
 */
export class InstanceGroup {
  readonly spec: GroupSpec;
  #target: number;
  #instances: readonly Instance[] = [];
  #errors: readonly PastError[] = [];
  #retryAt: EpochSeconds | null = null;
  #trouble: { readonly since: EpochSeconds; readonly because: Shortage } | null = null;
  #named = 0;
  #lot: number;
  readonly #requests = new Map<string, string>();

  /** A group as if made long ago: its machines run. */
  constructor(spec: GroupSpec, target: number) {
    this.spec = spec;
    this.#target = target;
    this.#lot = [...spec.name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 31, 7);
    for (let n = 0; n < target; n++) this.#wish("RUNNING", "NONE");
  }

  get target(): number {
    return this.#target;
  }
  get instances(): readonly Instance[] {
    return this.#instances;
  }
  /** The launches that failed, newest first. */
  get errors(): readonly PastError[] {
    return this.#errors;
  }
  /** Launches that fail at present. */
  get trouble() {
    return this.#trouble;
  }
  /** How many machines there are that stay. */
  get machines(): number {
    return this.#live().filter((instance) => instance.status !== null).length;
  }
  get path(): string {
    return `projects/${this.spec.project}/zones/${this.spec.zone}/instanceGroupManagers/${this.spec.name}`;
  }

  advance(to: EpochSeconds): void {
    for (let at = this.#nextDue(); at <= to; at = this.#nextDue()) {
      const due = this.#instances.find((instance) => instance.until === at);
      if (due === undefined) this.#retryAt = null;
      else this.#moveOn(due);
      this.#launch(at);
    }
  }

  resize(target: number, at: EpochSeconds): void {
    this.advance(at);
    this.#target = target;
    this.#retryAt = null;
    for (let missing = target - this.#live().length; missing > 0; missing--) this.#wish(null, "CREATING");
    for (let excess = this.#live().length - target; excess > 0; excess--) this.#delete(this.#choice(), at);
    this.#launch(at);
  }

  /** `deleteInstances`; the operation's name. The same request id twice is one request. */
  deleteInstances(names: readonly string[], request: string | null, at: EpochSeconds): string {
    this.advance(at);
    const known = request === null ? undefined : this.#requests.get(request);
    if (known !== undefined) return known;
    for (const name of names) {
      const instance = this.#instances.find((candidate) => candidate.name === name);
      if (instance === undefined) throw invalid(`Instance '${name}' is not a member of '${this.path}'.`);
      if (instance.action === "DELETING")
        throw new GoogleFailure("FAILED_PRECONDITION", `Instance '${name}' is already being deleted.`);
    }
    for (const name of new Set(names)) {
      this.#delete(
        this.#instances.find((instance) => instance.name === name),
        at,
      );
      this.#target -= 1;
    }
    this.#launch(at);
    const operation = `operation-${this.#requests.size + 1}-${this.spec.name}`;
    this.#requests.set(request ?? operation, operation);
    return operation;
  }

  /** Compute Engine takes a spot machine back; the group makes another. Returns when it is gone. */
  preempt(name: string, at: EpochSeconds): EpochSeconds {
    this.advance(at);
    const instance = this.#instances.find((candidate) => candidate.name === name);
    if (!this.spec.spot || instance?.status !== "RUNNING" || instance.action !== "NONE")
      throw new Error(`${name} is no running spot machine of ${this.spec.name}; only those are preempted`);
    this.#replace({ ...instance, status: "STOPPING", until: at + SPOT_NOTICE });
    return at + SPOT_NOTICE;
  }

  #live(): readonly Instance[] {
    return this.#instances.filter((instance) => instance.action !== "DELETING");
  }

  #nextDue(): EpochSeconds {
    const dues = this.#instances.flatMap((instance) => instance.until ?? []);
    return Math.min(this.#retryAt ?? Number.POSITIVE_INFINITY, ...dues);
  }

  #moveOn(instance: Instance): void {
    if (instance.action === "DELETING")
      this.#instances = this.#instances.filter((other) => other.name !== instance.name);
    else if (instance.status === "STOPPING")
      this.#replace({ ...instance, status: null, action: "RECREATING", until: null });
    else this.#replace({ ...instance, status: "RUNNING", action: "NONE", until: null });
  }

  /** Makes machines of wishes as far as Compute Engine gives them. */
  #launch(at: EpochSeconds): void {
    if (this.#retryAt !== null && at < this.#retryAt) return;
    this.#retryAt = null;
    for (const wish of this.#live().filter((instance) => instance.status === null)) {
      const because = this.spec.refusal(at);
      if (because !== null) {
        this.#refuse(wish, because, at);
        return;
      }
      this.#replace({ ...wish, status: "PROVISIONING", until: at + this.spec.pace.launch, error: null });
    }
    if (this.#live().every((instance) => instance.status === "RUNNING")) this.#trouble = null;
  }

  #refuse(wish: Instance, because: Shortage, at: EpochSeconds): void {
    const error = shortageError(because, this.spec.spot, this.spec.zone);
    this.#replace({ ...wish, error });
    this.#trouble = { since: this.#trouble?.since ?? at, because };
    this.#errors = [{ at, instance: wish.name, error }, ...this.#errors].slice(0, KEPT_ERRORS);
    this.#retryAt = at + LAUNCH_RETRY;
  }

  #delete(instance: Instance | undefined, at: EpochSeconds): void {
    if (instance === undefined) return;
    if (instance.status === null) this.#instances = this.#instances.filter((other) => other.name !== instance.name);
    else this.#replace({ ...instance, action: "DELETING", status: "STOPPING", until: at + this.spec.pace.drain });
  }

  /** Wishes before machines, then by lot. */
  #choice(): Instance | undefined {
    const live = this.#live();
    this.#lot = (this.#lot * 1_103_515_245 + 12_345) % 2 ** 31;
    return live.find((instance) => instance.status === null) ?? live[this.#lot % live.length];
  }

  // Four letters or digits, as the groups themselves append.
  #wish(status: Instance["status"], action: Instance["action"]): void {
    const name = `${this.spec.base}-${(36 ** 3 + this.#named * 7919).toString(36).slice(-4).padStart(4, "0")}`;
    this.#named += 1;
    this.#instances = [...this.#instances, { name, status, action, until: null, error: null }];
  }

  #replace(instance: Instance): void {
    this.#instances = this.#instances.map((other) => (other.name === instance.name ? instance : other));
  }
}
