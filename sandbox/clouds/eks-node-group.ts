import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { AutoScalingGroup, type Supply, type Trouble } from "./autoscaling-group.ts";
import type { Pace } from "./autoscaling-launches.ts";
import { AwsFailure } from "./aws-wire.ts";
import { invalid, merged, type Named, type Scaling, type Taint, type UpdateBody } from "./eks-relations.ts";

export interface NodeGroupSpec {
  readonly region: string;
  readonly cluster: string;
  readonly name: string;
  readonly scaling: Scaling;
  readonly capacityType?: "SPOT" | "ON_DEMAND";
  readonly instanceType?: string;
  /** Availability zones; three of the region's when absent. */
  readonly zones?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly pace?: Partial<NodeGroupPace>;
}

export interface NodeGroupPace extends Pace {
  /** How long an update keeps the node group UPDATING. */
  readonly update: Seconds;
  /** How often EKS copies the size from the Auto Scaling group; until then it lags what others changed there. */
  readonly sync: Seconds;
  /** How long EKS takes to notice that launches fail. */
  readonly health: Seconds;
}

// A GPU node takes minutes to boot and pull its driver; EKS takes seconds to pass a size on.
const PACE: NodeGroupPace = { launch: 180, drain: 60, update: 20, sync: 300, health: 60 };

/** A life's stage that no update leads to or from. */
export type Phase = "CREATING" | "READY" | "DELETING" | "CREATE_FAILED" | "DELETE_FAILED";

export interface UpdateError {
  readonly errorCode: string;
  readonly errorMessage: string;
}

export interface Update {
  readonly id: string;
  readonly params: readonly { readonly type: string; readonly value: string }[];
  readonly createdAt: EpochSeconds;
  readonly endsAt: EpochSeconds;
  readonly token: string | undefined;
  /** The request without its token, by which a repetition is known. */
  readonly request: string;
  readonly error: UpdateError | null;
}

/** One managed node group and the Auto Scaling group behind it. */
export class NodeGroup {
  readonly spec: NodeGroupSpec;
  readonly pace: NodeGroupPace;
  readonly group: AutoScalingGroup;
  readonly createdAt: EpochSeconds;
  phase: Phase = "READY";
  /** Someone deleted the Auto Scaling group behind EKS's back. */
  groupGone = false;
  #scaling: Scaling;
  #labels: Readonly<Record<string, string>>;
  #taints: readonly Taint[];
  #updates: readonly Update[] = [];
  #syncedAt: EpochSeconds;
  #nextFailure: UpdateError | null = null;

  /** As if made long ago: its nodes are in service. */
  constructor(spec: NodeGroupSpec, at: EpochSeconds) {
    this.spec = spec;
    this.pace = { ...PACE, ...spec.pace };
    this.createdAt = at;
    this.#syncedAt = at;
    this.#scaling = merged(spec.scaling, undefined, this.named);
    this.#labels = spec.labels ?? {};
    this.#taints = spec.taints ?? [];
    this.group = new AutoScalingGroup({
      name: `eks-${spec.name}-${spec.cluster}`,
      region: spec.region,
      zones: spec.zones ?? ["a", "b", "c"].map((letter) => `${spec.region}${letter}`),
      spot: spec.capacityType === "SPOT",
      instanceType: this.instanceType,
      pace: this.pace,
      min: spec.scaling.minSize,
      max: spec.scaling.maxSize,
      desired: spec.scaling.desiredSize,
    });
  }

  get named(): Named {
    return { clusterName: this.spec.cluster, nodegroupName: this.spec.name };
  }
  get instanceType(): string {
    return this.spec.instanceType ?? "g5.xlarge";
  }
  get scaling(): Scaling {
    return this.#scaling;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.#labels;
  }
  get taints(): readonly Taint[] {
    return this.#taints;
  }
  get updates(): readonly Update[] {
    return this.#updates;
  }

  advance(now: EpochSeconds): void {
    this.group.advance(now);
    if (now - this.#syncedAt < this.pace.sync) return;
    this.#syncedAt = now;
    const { min, max, desired } = this.group.bounds;
    this.#scaling = { minSize: min, maxSize: max, desiredSize: desired };
  }

  /** UPDATING hides DEGRADED, and DEGRADED lasts until a launch makes the group whole again, even at size 0. */
  status(now: EpochSeconds): Exclude<Phase, "READY"> | "ACTIVE" | "UPDATING" | "DEGRADED" {
    if (this.phase !== "READY") return this.phase;
    if (this.inFlight(now) !== undefined) return "UPDATING";
    return this.trouble(now) === null ? "ACTIVE" : "DEGRADED";
  }

  /** Launches that fail, once EKS has noticed. */
  trouble(now: EpochSeconds): Trouble | null {
    const { trouble } = this.group;
    return trouble !== null && now >= trouble.since + this.pace.health ? trouble : null;
  }

  inFlight(now: EpochSeconds): Update | undefined {
    return this.#updates.find((update) => update.endsAt > now);
  }

  /** `UpdateNodegroupConfig`: the update it begins, or the one that this very request began before. */
  update(body: UpdateBody, now: EpochSeconds): Update {
    const { clientRequestToken: token, ...request } = body;
    const canonical = JSON.stringify(request);
    const known = this.#updates.find((update) => token !== undefined && update.token === token);
    if (known?.request === canonical) return known;
    if (known !== undefined)
      throw invalid("The client request token was used before with other parameters", this.named);
    const status = this.status(now);
    if (status !== "ACTIVE" && status !== "DEGRADED")
      throw new AwsFailure(
        409,
        "ResourceInUseException",
        "Nodegroup cannot be updated as it is currently not in Active State",
        { ...this.named },
      );
    if (Object.keys(request).length === 0) throw invalid("No changes were requested", this.named);
    const scaling = merged(this.#scaling, body.scalingConfig, this.named);
    const error = this.#nextFailure;
    this.#nextFailure = null;
    if (error === null) this.#apply(scaling, body, now);
    const update = {
      id: crypto.randomUUID(),
      params: paramsOf(body),
      createdAt: now,
      endsAt: now + this.pace.update,
      token,
      request: canonical,
      error,
    };
    this.#updates = [...this.#updates, update];
    return update;
  }

  /** The next update is accepted, and ends as Failed with nothing changed. */
  failNextUpdate(error: UpdateError): void {
    this.#nextFailure = error;
  }

  /** Someone else sets the Auto Scaling group's size; EKS hears of it at its next sync. */
  setDesired(desired: number, now: EpochSeconds): void {
    this.advance(now);
    const { min, max } = this.group.bounds;
    if (desired < min || desired > max)
      throw new Error(`${this.group.spec.name}: a desired capacity of ${desired} is not between ${min} and ${max}`);
    this.group.resize({ min, max, desired }, now);
  }

  /** What EC2 gives this node group from now on; launches beyond it fail. */
  limitCapacity(nodes: Supply["nodes"], because: Supply["because"] = "capacity"): void {
    this.group.setSupply({ nodes, because });
  }

  /** A notice for one spot node; EC2 takes it two minutes later. Returns when. */
  interrupt(instanceId: string, now: EpochSeconds): EpochSeconds {
    return this.group.interrupt(instanceId, now);
  }

  #apply(scaling: Scaling, { scalingConfig, labels, taints }: UpdateBody, now: EpochSeconds): void {
    this.#scaling = scaling;
    const { minSize: min, maxSize: max } = scaling;
    const live = this.group.bounds.desired;
    const desired = scalingConfig?.desiredSize ?? Math.min(Math.max(live, min), max);
    this.group.resize({ min, max, desired }, now);
    this.#labels = Object.fromEntries(
      Object.entries({ ...this.#labels, ...labels?.addOrUpdateLabels }).filter(
        ([key]) => labels?.removeLabels.includes(key) !== true,
      ),
    );
    const replaced = [...(taints?.addOrUpdateTaints ?? []), ...(taints?.removeTaints ?? [])].map((taint) => taint.key);
    const kept = this.#taints.filter((taint) => !replaced.includes(taint.key));
    this.#taints = [...kept, ...(taints?.addOrUpdateTaints ?? [])];
  }
}

function paramsOf({ scalingConfig, labels, taints }: UpdateBody): Update["params"] {
  const sizes = [
    ["MinSize", scalingConfig?.minSize],
    ["MaxSize", scalingConfig?.maxSize],
    ["DesiredSize", scalingConfig?.desiredSize],
  ] as const;
  return [
    ...sizes.flatMap(([type, value]) => (value === undefined ? [] : [{ type, value: String(value) }])),
    ...(labels === undefined ? [] : [{ type: "LabelsToAdd", value: JSON.stringify(labels.addOrUpdateLabels) }]),
    ...(taints === undefined ? [] : [{ type: "TaintsToAdd", value: JSON.stringify(taints.addOrUpdateTaints) }]),
  ];
}
