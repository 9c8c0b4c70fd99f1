import { createHash } from "node:crypto";
import type { GkeRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { removalTokens } from "../removal-token.ts";
import type { Ask } from "./ask.ts";
import type { GkeClients } from "./clients.ts";
import { named } from "./errors.ts";
import { type Group, nameOf } from "./groups.ts";
import { computeOperationReply } from "./replies.ts";

/*
 * Removing nodes by name. Only the instance groups can: GKE takes a size and chooses by lot. They stop a node without
 * draining it, so only idle ones may be named.
 */

// What deleteInstances takes at most.
const DELETED_AT_ONCE = 1000;

const PROVIDER_ID = /^gce:\/\/([a-z0-9.:-]+)\/([a-z0-9-]+)\/([a-z0-9-]+)$/;

/** The provider ids, each once; throws `Invalid` if one is none. */
export function nodeIdsOf(nodes: readonly string[], ref: GkeRef): readonly string[] {
  const other = nodes.find((node) => !PROVIDER_ID.test(node));
  if (other !== undefined)
    throw new PoolError(
      "Invalid",
      `${named(ref)}: ${other} is no GKE node. Give provider ids as \`kubectl get nodes -o custom-columns=ID:.spec.providerID\` prints them.`,
    );
  return [...new Set(nodes)];
}

/** Throws `Invalid` if one of the nodes is not this pool's. Those that are gone are told by how their group names its own. */
export function refuseForeignNodes(ids: readonly string[], groups: readonly Group[], ref: GkeRef): void {
  const foreign = ids.find((id) => {
    const [, project, zone, name = ""] = PROVIDER_ID.exec(id) ?? [];
    return !groups.some(
      (group) =>
        group.project === project &&
        group.zone === zone &&
        (group.instances.some((instance) => nameOf(instance) === name) || isNamedBy(group, name)),
    );
  });
  if (foreign === undefined) return;
  throw new PoolError(
    "Invalid",
    `${named(ref)}: node ${foreign} belongs to none of its instance groups, and nothing was removed. Check which pool the node is in.`,
  );
}

// A group names its instances by its base name and four letters or digits.
const isNamedBy = (group: Group, name: string): boolean =>
  name.startsWith(`${group.base}-`) && /^[a-z0-9]{4}$/.test(name.slice(group.base.length + 1));

/** Those of the nodes that are still to be deleted; what is gone or going is left out. */
export function stillLive(ids: readonly string[], groups: readonly Group[]): readonly string[] {
  const live = new Set(groups.flatMap((group) => liveNames(group).map((name) => idOf(group, name))));
  return ids.filter((id) => live.has(id));
}

const liveNames = (group: Group): readonly string[] =>
  group.instances.filter((instance) => instance.currentAction !== "DELETING").map(nameOf);

const idOf = (group: Group, name: string): string => `gce://${group.project}/${group.zone}/${name}`;

/** Deletes the nodes and takes them off their groups' sizes. */
export async function deleteNodes(
  ids: readonly string[],
  groups: readonly Group[],
  key: string,
  { compute }: GkeClients,
  ask: Ask,
  abort: AbortSignal,
): Promise<void> {
  const going = new Set(ids);
  await Promise.all(
    groups.map(async (group) => {
      const names = liveNames(group).filter((name) => going.has(idOf(group, name)));
      for (let from = 0; from < names.length; from += DELETED_AT_ONCE) {
        const instances = names
          .slice(from, from + DELETED_AT_ONCE)
          .map((name) => `zones/${group.zone}/instances/${name}`)
          .toSorted();
        const query = { requestId: requestId(key, group.path, ...instances) };
        await ask.repeat("instanceGroupManagers.deleteInstances", computeOperationReply, () =>
          compute({ method: "POST", path: `${group.path}/deleteInstances`, query, body: { instances } }, abort),
        );
      }
    }),
  );
}

/** Compute Engine's idempotency token, a UUID: the same for the same nodes of the same intent. */
function requestId(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

// GKE's operations are called operation-…, so none can be taken for a removal.
export const { tokenOf: removalToken, removedBy } = removalTokens("delete:");
