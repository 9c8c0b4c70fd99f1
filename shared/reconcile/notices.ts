import type { Notice } from "../model/memory.ts";
import type { Observation } from "../model/observation.ts";
import type { NodeState, PoolObservation } from "../model/pool.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { MAX_NOTICES } from "./limits.ts";

/** The notices that are not over, with new ones among them. A notice that is given again ends when the later one does. */
export function addNotices(known: readonly Notice[], added: readonly Notice[], now: EpochSeconds): readonly Notice[] {
  const ends = new Map<string, EpochSeconds>();
  for (const { nodeId, until } of [...known, ...added]) ends.set(nodeId, Math.max(until, ends.get(nodeId) ?? until));
  const inForce = [...ends].map(([nodeId, until]): Notice => ({ nodeId, until })).filter(({ until }) => until > now);
  return inForce.toSorted((a, b) => a.until - b.until).slice(-MAX_NOTICES);
}

/** What a cloud calls the machine: the end of its provider id. A notice's node id is that end, or the whole. */
const isAbout =
  (node: NodeState) =>
  ({ nodeId }: Notice): boolean =>
    node.id === nodeId || node.id.endsWith(`/${nodeId}`);

function withNoticesOf(pool: PoolObservation, notices: readonly Notice[]): PoolObservation {
  if (pool.kind !== "seen" || pool.state.nodes === null) return pool;
  const nodes = pool.state.nodes.map((node) => ({ ...node, noticed: node.noticed || notices.some(isAbout(node)) }));
  return { kind: "seen", state: { ...pool.state, nodes, noticed: nodes.filter((n) => n.ready && n.noticed).length } };
}

/** Whether a node may have it that was not seen: one of a pool that was not, or whose nodes are not known one by one. */
const mayBeElsewhere = (pool: PoolObservation): boolean => pool.kind !== "seen" || pool.state.nodes === null;

/** An observation with its notices in it, and those of them that are worth keeping. */
export interface Noticed {
  readonly observation: Observation;
  readonly notices: readonly Notice[];
}

/**
 * Marks the nodes that notices name, for the clouds that do not tell themselves. Notices that are over are dropped, and so are
 * those that name nobody's node once every node was seen: an event names an instance, and not whose it is.
 */
export function overlayNotices(observation: Observation, remembered: readonly Notice[], now: EpochSeconds): Noticed {
  const inForce = addNotices(remembered, [], now);
  if (inForce.length === 0) return { observation, notices: inForce };
  const pools = Object.values(observation.pools);
  const nodes = pools.flatMap((pool) => (pool.kind === "seen" ? (pool.state.nodes ?? []) : []));
  const notices = pools.some(mayBeElsewhere)
    ? inForce
    : inForce.filter((notice) => nodes.some((n) => isAbout(n)(notice)));
  const marked = Object.entries(observation.pools).map(([name, pool]) => [name, withNoticesOf(pool, notices)] as const);
  return { observation: { ...observation, pools: Object.fromEntries(marked) }, notices };
}
