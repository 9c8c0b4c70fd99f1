import type { NodeState } from "../../model/pool.ts";
import type { GkeRef } from "../../policy/schema/pools.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { PoolError } from "../errors.ts";
import type { Ask } from "./ask.ts";
import type { GkeClients } from "./clients.ts";
import { named } from "./errors.ts";
import { type CloudIssue, kindOfIssue } from "./issues.ts";
import { errorsReply, type GkeNodePool, groupReply, instancesReply, type ManagedInstance } from "./replies.ts";

/*
 * The managed instance groups behind a node pool, one in each zone. They alone know how many nodes there are to be: GKE
 * keeps only the size that a pool began with.
 */

// The largest page that Compute Engine gives.
const PAGE = 500;
// A zone of a node pool has 1000 nodes at most; the rest is room for those that are going.
const PAGES = 4;

export interface Group {
  /** `projects/P/zones/Z/instanceGroupManagers/N`, as calls name it. */
  readonly path: string;
  readonly project: string;
  readonly zone: string;
  /** How the names of its instances begin. */
  readonly base: string;
  readonly target: number;
  readonly instances: readonly ManagedInstance[];
}

const GROUP_URL = /projects\/([a-z0-9.:-]+)\/zones\/([a-z0-9-]+)\/instanceGroup(?:Manager)?s\/([a-z0-9-]+)$/;

/** The groups of a node pool, with their instances. None only while it is being created. */
export async function groupsOf(
  nodePool: GkeNodePool,
  ref: GkeRef,
  { compute }: GkeClients,
  ask: Ask,
  abort: AbortSignal,
): Promise<readonly Group[]> {
  if (nodePool.instanceGroupUrls.length === 0 && nodePool.status !== "PROVISIONING")
    throw new PoolError(
      "NotFound",
      `${named(ref)}: GKE names no instance group behind it. Create the node pool again.`,
    );
  return Promise.all(
    nodePool.instanceGroupUrls.map(async (url) => {
      const [, project, zone, name] = GROUP_URL.exec(url) ?? [];
      if (project === undefined || zone === undefined || name === undefined)
        throw new PoolError(
          "Unavailable",
          `${named(ref)}: GKE names an instance group that vramp cannot read (${url.slice(0, 200)}). Report this.`,
        );
      const path = `projects/${project}/zones/${zone}/instanceGroupManagers/${name}`;
      const [group, instances] = await Promise.all([
        ask.repeat("instanceGroupManagers.get", groupReply, () => compute({ method: "GET", path }, abort)),
        instancesOf(path, compute, ask, abort),
      ]);
      return { path, project, zone, base: group.baseInstanceName, target: group.targetSize, instances };
    }),
  );
}

async function instancesOf(
  path: string,
  compute: GkeClients["compute"],
  ask: Ask,
  abort: AbortSignal,
): Promise<readonly ManagedInstance[]> {
  const found: ManagedInstance[] = [];
  let query: Record<string, string> = { maxResults: String(PAGE) };
  for (let page = 0; page < PAGES; page++) {
    const reply = await ask.repeat("instanceGroupManagers.listManagedInstances", instancesReply, () =>
      compute({ method: "POST", path: `${path}/listManagedInstances`, query }, abort),
    );
    found.push(...reply.managedInstances);
    if (reply.nextPageToken === undefined || reply.nextPageToken === "") break;
    query = { maxResults: String(PAGE), pageToken: reply.nextPageToken };
  }
  return found;
}

/** How many nodes the groups are to have. */
export const targetOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.target, 0);

export const nameOf = (instance: ManagedInstance): string => instance.instance.split("/").at(-1) ?? "";

/**
 * A group's instances as Kubernetes nodes. An instance without a name has not begun. Google stops a spot machine 30 s before
 * it takes it; it is lost to the pool by then, and stands as noticed.
 */
export function nodesOf(group: Group, spot: boolean): readonly NodeState[] {
  return (
    group.instances
      // One that the group only tries to create has no status yet: no machine is there.
      .filter((instance) => nameOf(instance) !== "" && instance.instanceStatus !== "")
      .map((instance) => ({
        id: `gce://${group.project}/${group.zone}/${nameOf(instance)}`,
        ready: instance.instanceStatus === "RUNNING" && instance.currentAction === "NONE",
        noticed: spot && instance.instanceStatus === "STOPPING" && instance.currentAction !== "DELETING",
      }))
  );
}

/** What keeps the groups' launches from succeeding at present. */
export function launchIssues(groups: readonly Group[]): readonly CloudIssue[] {
  return groups.flatMap((group) => group.instances.flatMap((instance) => instance.lastAttempt));
}

/** When the groups' latest launch failed for want of capacity or quota, or null if Compute Engine does not tell. */
export async function latestShortage(
  groups: readonly Group[],
  { compute }: GkeClients,
  ask: Ask,
  abort: AbortSignal,
): Promise<EpochSeconds | null> {
  const replies = await Promise.all(
    groups.map(({ path }) =>
      ask
        .repeat("instanceGroupManagers.listErrors", errorsReply, () =>
          compute({ method: "GET", path: `${path}/listErrors`, query: { maxResults: String(PAGE) } }, abort),
        )
        .catch((error: unknown) => {
          // The times are a refinement; without this call the rest of what was seen still stands.
          if (error instanceof PoolError && !abort.aborted) return { items: [] };
          throw error;
        }),
    ),
  );
  const times = replies
    .flatMap((reply) => reply.items)
    .filter(({ error }) => isShortage(error))
    .map((item) => item.timestamp);
  return times.length === 0 ? null : Math.max(...times);
}

export function isShortage(issue: CloudIssue): boolean {
  const kind = kindOfIssue(issue);
  return kind === "NoCapacity" || kind === "QuotaExceeded";
}
