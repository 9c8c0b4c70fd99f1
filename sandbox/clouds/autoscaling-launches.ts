import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";

/** Why EC2 gives no more instances. */
export type Shortage = "capacity" | "quota" | "addresses";

/** What EC2 and EKS say of a shortage. The texts are those that users quote. */
export function shortageText(because: Shortage, spot: boolean, instanceType: string, zone: string): string {
  const market = spot ? "Spot" : "On-Demand";
  switch (because) {
    case "capacity":
      return spot
        ? "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed."
        : `Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity. Launching EC2 instance failed.`;
    case "quota":
      return spot
        ? "Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded. Launching EC2 instance failed."
        : "Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of 96 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.";
    case "addresses":
      return `Could not launch ${market} Instances. InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'subnet-0a1b2c3d4e5f60718' to satisfy the requested number of instances. Launching EC2 instance failed.`;
    default:
      return because satisfies never;
  }
}

/** An entry of an Auto Scaling group's history. */
export interface Activity {
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly start: EpochSeconds;
  readonly end: EpochSeconds | null;
  readonly status: "InProgress" | "Successful" | "Failed";
  /** Only of a failure. */
  readonly message: string | null;
}

// DescribeScalingActivities gives at most 100 a page, and nothing here asks for a second one.
const KEPT = 100;

/** An Auto Scaling group's history, newest first. */
export class Activities {
  #entries: readonly Activity[] = [];
  #count = 0;

  get newestFirst(): readonly Activity[] {
    return this.#entries;
  }

  /** Notes something that begins and returns its id, by which `end` closes it. */
  begin(description: string, cause: string, at: EpochSeconds): string {
    return this.#note({ description, cause, start: at, end: null, status: "InProgress", message: null });
  }

  end(id: string, at: EpochSeconds): void {
    this.#entries = this.#entries.map((entry) =>
      entry.id === id ? { ...entry, end: at, status: "Successful" } : entry,
    );
  }

  fail(description: string, cause: string, message: string, at: EpochSeconds): void {
    this.#note({ description, cause, start: at, end: at, status: "Failed", message });
  }

  #note(entry: Omit<Activity, "id">): string {
    this.#count += 1;
    const id = `00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, "0")}`;
    this.#entries = [{ id, ...entry }, ...this.#entries].slice(0, KEPT);
    return id;
  }
}

/** How long things take. */
export interface Pace {
  /** From the launch to InService. */
  readonly launch: Seconds;
  /** How long a node drains before it is gone. */
  readonly drain: Seconds;
}

// An Auto Scaling group that could not launch tries again about once a minute.
export const LAUNCH_RETRY: Seconds = 60;
