import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { type Order, parseUpdate, type Settings, type Shape, type Sizes, settingsOf } from "./aks-settings.ts";
import { ArmFailure, inProgress, invalid } from "./aks-wire.ts";

export interface AgentPoolSpec extends Shape {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly cluster: string;
  readonly name: string;
  readonly count: number;
  /** The cluster's autoscaler governs the pool, within these bounds. */
  readonly autoscaler?: { readonly min: number; readonly max: number };
  readonly pace?: Partial<AgentPoolPace>;
}

/** How long nodes take to come and to go. An operation is under way for as long. */
export interface AgentPoolPace {
  readonly launch: Seconds;
  readonly drain: Seconds;
}

// A GPU node takes minutes to boot and pull its driver.
const PACE: AgentPoolPace = { launch: 180, drain: 60 };

const MAX_NODES = 1000;

export interface CloudError {
  readonly code: string;
  readonly message: string;
}

/** One virtual machine of the pool's scale set. */
export interface Instance {
  readonly index: number;
  readonly zone: string;
  readonly readyAt: EpochSeconds;
  /** When it is gone; null while it is to stay. */
  readonly goneAt: EpochSeconds | null;
  readonly deallocated: boolean;
}

export type ProvisioningState = "Succeeded" | "Failed" | "Canceled" | "Canceling" | "Scaling" | "Updating" | "Deleting";

export interface Operation {
  readonly id: string;
  readonly kind: ProvisioningState;
  readonly startedAt: EpochSeconds;
  readonly endsAt: EpochSeconds;
  readonly end: "Succeeded" | "Failed" | "Canceled";
  readonly error: CloudError | null;
  /** Whether the operation itself says why it failed; the pool says it anyway. */
  readonly told: boolean;
  /** The size that the pool has once the operation has ended, where it is not the one asked for. */
  readonly leaves: number | null;
}

export interface Supply {
  readonly nodes: number;
  readonly error: CloudError;
}

/** One agent pool and the scale set behind it. */
export class AgentPool {
  readonly spec: AgentPoolSpec;
  readonly pace: AgentPoolPace;
  readonly scaleSet: string;
  /** Fields of requests that were orders: a rollback, an upgrade, a start. Nobody who resizes gives any. */
  readonly orders: Order[] = [];
  readonly operations: Operation[] = [];
  settings: Settings;
  stopped = false;
  #count: number;
  #autoscaler: AgentPoolSpec["autoscaler"] | null;
  #state: ProvisioningState = "Succeeded";
  #error: CloudError | null = null;
  #version = 1;
  #instances: readonly Instance[] = [];
  #nextIndex = 0;
  #supply: Supply | null = null;
  #nextFailure: { readonly error: CloudError; readonly told: boolean } | null = null;
  #nextSticks = false;
  #interference: (() => void) | null = null;

  /** As if made long ago: its nodes are ready. */
  constructor(spec: AgentPoolSpec, scaleSet: string) {
    this.spec = spec;
    this.pace = { ...PACE, ...spec.pace };
    this.scaleSet = scaleSet;
    this.settings = settingsOf(spec);
    this.#count = spec.count;
    this.#autoscaler = spec.autoscaler ?? null;
    this.#launch(spec.count, 0);
  }

  get count(): number {
    return this.#count;
  }
  get state(): ProvisioningState {
    return this.#state;
  }
  get error(): CloudError | null {
    return this.#error;
  }
  get autoscaler(): AgentPoolSpec["autoscaler"] | null {
    return this.#autoscaler;
  }
  get eTag(): string {
    return `etag-${this.#version}`;
  }
  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** The scale set's name for an instance, and Kubernetes' for the node: its number in base 36, six digits. */
  nameOf({ index }: Instance): string {
    return `${this.scaleSet}${index.toString(36).padStart(6, "0")}`;
  }

  advance(now: EpochSeconds): void {
    this.#instances = this.#instances.filter(({ goneAt }) => goneAt === null || goneAt > now);
    const operation = this.operations.at(-1);
    if (operation === undefined || settled(this.#state) || operation.endsAt > now) return;
    this.#state = operation.end;
    this.#error = operation.error;
    this.#count = operation.leaves ?? this.#count;
    this.#version += 1;
  }

  /** `AgentPools_CreateOrUpdate` of a pool that there is. */
  update(text: string, ifMatch: string | null, now: EpochSeconds): Operation {
    this.#interference?.();
    this.#interference = null;
    this.#refuseBusy();
    if (ifMatch !== null && ifMatch !== this.eTag)
      throw new ArmFailure(412, "PreconditionFailed", `The etag ${ifMatch} is not the pool's, which is ${this.eTag}`);
    const { settings, sizes, orders } = parseUpdate(text, this.settings);
    this.#refuseSizes(sizes);
    this.orders.push(...orders);
    this.settings = settings;
    this.#autoscaler = sizes.enableAutoScaling === true ? { min: sizes.minCount ?? 0, max: sizes.maxCount ?? 0 } : null;
    return this.#scale(this.#withinBounds(sizes.count ?? this.#count), now);
  }

  /** `AgentPools_DeleteMachines`. */
  deleteMachines(names: readonly string[], now: EpochSeconds): Operation {
    this.#refuseBusy();
    const going = names.map((name) => {
      const found = this.#instances.find((instance) => instance.goneAt === null && this.nameOf(instance) === name);
      if (found === undefined) throw invalid(`Machine ${name} is not in agent pool ${this.spec.name}.`);
      return found.index;
    });
    if (going.length === 0) throw invalid("The value of parameter machineNames is empty.");
    if (this.#autoscaler !== null) throw invalid("Cannot scale cluster autoscaler enabled node pool.");
    this.#refuseSizes({ count: this.#count - going.length });
    this.#retire(going, now);
    this.#count -= going.length;
    // AKS does not document the state; this is the one that a careless client takes for the end of the pool.
    return this.#begin("Deleting", now, this.pace.drain);
  }

  /** `AgentPools_AbortLatestOperation`: what was launched stays, and what was not is given up. */
  abort(now: EpochSeconds): Operation {
    const running = this.operations.at(-1);
    if (running === undefined || settled(this.#state))
      throw new ArmFailure(409, "OperationNotAllowed", "There is no operation in progress to be aborted.", true);
    const ended: Operation = { ...running, endsAt: now, end: "Canceled", leaves: this.#staying().length };
    this.operations.splice(-1, 1, ended);
    return this.#begin("Canceling", now, this.pace.drain, { end: "Canceled", leaves: ended.leaves });
  }

  /** Someone else asks for a size. */
  setCount(count: number, now: EpochSeconds): void {
    this.#refuseBusy();
    this.#scale(count, now);
  }

  /** Azure takes a spot node back. The pool gets smaller by it, and nobody brings it back. */
  evict(name: string): void {
    const deallocates = this.spec.evictionPolicy === "Deallocate";
    if (this.spec.spot !== true) throw new Error(`${this.spec.name} is no spot pool: nothing in it is evicted`);
    if (!this.#instances.some((instance) => this.nameOf(instance) === name))
      throw new Error(`there is no node ${name}`);
    this.#instances = this.#instances.flatMap((instance) => {
      if (this.nameOf(instance) !== name) return [instance];
      return deallocates ? [{ ...instance, deallocated: true }] : [];
    });
    if (deallocates) return;
    this.#count -= 1;
    this.#version += 1;
  }

  /** What Azure gives this pool from now on; launches beyond it fail. */
  limit(supply: Supply | null): void {
    this.#supply = supply;
  }

  /** The next change is accepted and fails, with nothing changed. AKS sometimes leaves the reason out of the operation. */
  failNext(error: CloudError, told = true): void {
    this.#nextFailure = { error, told };
  }

  /** Someone else's change arrives just before the next one, once. */
  interfere(change: () => void): void {
    this.#interference = change;
  }

  /** Someone else changes a setting, or what must not be sent back. */
  change(settings: Settings): void {
    this.settings = { ...this.settings, ...settings };
    this.#version += 1;
  }

  /** The next change never ends by itself. */
  stickNext(): void {
    this.#nextSticks = true;
  }

  #refuseBusy(): void {
    if (!settled(this.#state)) throw inProgress(this.spec.name, this.#state);
    if (this.stopped)
      throw new ArmFailure(400, "OperationNotAllowed", `Agent pool ${this.spec.name} is stopped.`, true);
  }

  #refuseSizes({ count = this.#count, enableAutoScaling, minCount, maxCount }: Sizes): void {
    const min = this.spec.mode === "System" ? 1 : 0;
    if (count < min || count > MAX_NODES)
      throw invalid(`The value of parameter agentPoolProfile.count is invalid: it must be ${min} to ${MAX_NODES}.`);
    if (enableAutoScaling !== true) {
      if (minCount != null || maxCount != null)
        throw invalid("minCount and maxCount are only allowed with enableAutoScaling.");
      return;
    }
    if (this.#autoscaler === null && count !== this.#count)
      throw invalid(
        `Cannot manually scale and enable cluster autoscaler in the same update operation on VMSS Agentpool '${this.spec.name}'`,
      );
    if (count !== this.#count) throw invalid("Cannot scale cluster autoscaler enabled node pool.");
    if (minCount == null || maxCount == null || minCount < 0 || maxCount < 1 || minCount > maxCount)
      throw invalid("minCount and maxCount must satisfy 0 <= minCount <= maxCount and maxCount >= 1.");
  }

  /** Where the autoscaler takes the size as soon as its bounds are others. */
  #withinBounds(count: number): number {
    if (this.#autoscaler == null) return count;
    return Math.min(Math.max(count, this.#autoscaler.min), this.#autoscaler.max);
  }

  #scale(count: number, now: EpochSeconds): Operation {
    const failure = this.#nextFailure;
    const before = this.#count;
    const live = this.#staying();
    this.#nextFailure = null;
    this.#count = count;
    if (failure !== null)
      return this.#begin("Scaling", now, this.pace.launch, { end: "Failed", ...failure, leaves: before });
    if (count < live.length) {
      this.#retire(
        live.slice(count).map(({ index }) => index),
        now,
      );
      return this.#begin("Scaling", now, this.pace.drain);
    }
    const given = Math.max(0, Math.min(count, this.#supply?.nodes ?? count) - live.length);
    this.#launch(given, now + this.pace.launch);
    const short = live.length + given < count;
    const end = short ? { end: "Failed" as const, error: this.#supply?.error ?? null } : {};
    return this.#begin(count === before ? "Updating" : "Scaling", now, this.pace.launch, end);
  }

  #begin(kind: ProvisioningState, now: EpochSeconds, lasts: Seconds, end: Partial<Operation> = {}): Operation {
    const endsAt = this.#nextSticks ? Number.POSITIVE_INFINITY : now + lasts;
    this.#nextSticks = false;
    const quiet = { end: "Succeeded", error: null, told: true, leaves: null } as const;
    const operation: Operation = { id: crypto.randomUUID(), kind, startedAt: now, endsAt, ...quiet, ...end };
    this.operations.push(operation);
    this.#state = kind;
    this.#error = null;
    this.#version += 1;
    return operation;
  }

  #staying(): readonly Instance[] {
    return this.#instances.filter(({ goneAt }) => goneAt === null);
  }

  #launch(nodes: number, readyAt: EpochSeconds): void {
    const launched = Array.from({ length: nodes }, (_, n): Instance => {
      const index = this.#nextIndex + n;
      return { index, zone: String((index % 3) + 1), readyAt, goneAt: null, deallocated: false };
    });
    this.#nextIndex += nodes;
    this.#instances = [...this.#instances, ...launched];
  }

  #retire(indexes: readonly number[], now: EpochSeconds): void {
    this.#instances = this.#instances.map((instance) =>
      indexes.includes(instance.index) ? { ...instance, goneAt: now + this.pace.drain } : instance,
    );
  }
}

const settled = (state: ProvisioningState): boolean =>
  state === "Succeeded" || state === "Failed" || state === "Canceled";
