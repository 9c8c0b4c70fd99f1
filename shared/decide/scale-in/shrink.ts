import type { NodeState } from "../../model/pool.ts";
import type { Reason } from "../../model/reasons.ts";
import { own } from "../../policy/own.ts";
import type { Workload } from "../../policy/schema/workload.ts";
import type { Context } from "../context.ts";
import type { PoolSize } from "../size.ts";
import { fewOf, type Load, type LoadedNode, loadsOf, restOf, shortName } from "./loads.ts";

/** Nodes that should go and stay for now, and why. */
export interface Kept {
  readonly nodes: number;
  readonly reason: Extract<Reason, "BusyNodes" | "Interrupted" | "OperationInProgress">;
  readonly detail: string;
}

/** How one pool may shrink now. */
export interface Shrink {
  /** What it is to be asked for: less the nodes that are removed by name, and less those that never came. */
  readonly to: number;
  /** The nodes to be removed by name. */
  readonly remove: readonly string[];
  readonly kept: readonly Kept[];
  /** Said of nodes that go although they are not known to be idle; null when there are none. */
  readonly forced: string | null;
}

const plain = (to: number): Shrink => ({ to, remove: [], kept: [], forced: null });

/**
 * Whether any node may be taken: the work may be interrupted, or it is a service under an `objective`, whose nodes drain and
 * whose requests are counted, so that nobody needs to be asked.
 */
export const mayGoAnyhow = ({ scaleIn, objective }: Workload): boolean =>
  scaleIn.interruptible || (objective !== undefined && scaleIn.busy === undefined);

function nodesOf(part: PoolSize, { observation }: Context): readonly NodeState[] | null {
  const seen = own(observation.pools, part.pool.name);
  return seen?.kind === "seen" ? seen.state.nodes : null;
}

const byId = (a: LoadedNode, b: LoadedNode): number => (a.node.id < b.node.id ? -1 : a.node.id > b.node.id ? 1 : 0);
const byReadiness = (a: LoadedNode, b: LoadedNode): number => Number(a.node.ready) - Number(b.node.ready) || byId(a, b);

const weight = (load: Load): number => {
  switch (load.kind) {
    case "idle":
      return 0;
    case "busy":
      return load.value;
    case "unknown":
      return Number.POSITIVE_INFINITY;
    default:
      return load satisfies never;
  }
};
const byWork = (a: LoadedNode, b: LoadedNode): number => {
  const [first, second] = [weight(a.load), weight(b.load)];
  return first === second ? byReadiness(a, b) : first < second ? -1 : 1;
};

/** Whether a size counts for every zone alike: a smaller one would take nodes from one zone for those that never came in another. */
const takesFromEveryZone = ({ step }: PoolSize): boolean => step > 1;

/** `2 of 3 nodes that should go are busy (gpu-a, gpu-b)`. */
function busyText(working: readonly LoadedNode[], going: number): string {
  const known = working.every(({ load }) => load.kind === "busy");
  const said = working.map(({ node, load }) => {
    const detail = load.kind === "unknown" ? `: ${load.detail}` : known ? "" : " is busy";
    return `${shortName(node.id)}${detail}`;
  });
  const what = known ? "busy" : "not known to be idle";
  return `${working.length} of ${going} nodes that should go ${working.length === 1 ? "is" : "are"} ${what} (${fewOf(said)})`;
}

/** Nodes that cannot be told apart: any may go once nothing runs at all, and until then only those that never came. */
function withoutNames(part: PoolSize, asked: number, owed: number, context: Context, force: boolean): Shrink {
  const going = part.desired - asked;
  const unborn = takesFromEveryZone(part) && owed < part.desired ? 0 : owed;
  if (unborn === going) return plain(asked);
  const rest = restOf(context, nodesOf(part, context));
  if (rest.rests) return plain(asked);
  const detail = `${going - unborn} of ${going} nodes that should go may be busy, for none is known to be idle (${rest.detail})`;
  if (force) return { ...plain(asked), forced: detail };
  const kept: Kept = { nodes: going - unborn, reason: "BusyNodes", detail };
  return { ...plain(part.desired - unborn), kept: [kept] };
}

/** Idle nodes go by name; those that work, or of which nobody knows, stay until the wait is over. */
function byName(nodes: readonly LoadedNode[], part: PoolSize, asked: number, owed: number, force: boolean): Shrink {
  const going = part.desired - asked;
  const unborn = takesFromEveryZone(part) && nodes.some(({ load }) => load.kind !== "idle") ? 0 : owed;
  // More than were asked for: some are on their way out, and among those not ready nobody can tell which.
  const crowded = nodes.length > part.desired;
  const leaving = nodes.filter(({ node }) => node.noticed || (crowded && !node.ready));
  const present = nodes.filter((each) => !leaving.includes(each));
  const idle = present.filter(({ load }) => load.kind === "idle").toSorted(byReadiness);
  const taken = idle.slice(0, going - owed);
  const left = going - owed - taken.length;
  const byThemselves = Math.min(left, leaving.length);
  const working = present
    .filter(({ load }) => load.kind !== "idle")
    .toSorted(byWork)
    .slice(0, left - byThemselves);
  const removed = force ? [...taken, ...working] : taken;
  const kept: Kept[] = [];
  if (working.length > 0 && !force)
    kept.push({ nodes: working.length, reason: "BusyNodes", detail: busyText(working, going) });
  if (byThemselves > 0) {
    const reason = leaving.some(({ node }) => node.noticed) ? "Interrupted" : "OperationInProgress";
    kept.push({
      nodes: byThemselves,
      reason,
      detail: `${byThemselves} of ${going} nodes that should go leave by themselves`,
    });
  }
  if (owed > unborn) {
    const detail = `${owed} of ${going} nodes that should go never came; giving them up would let the cloud take others, in another zone`;
    kept.push({ nodes: owed, reason: "OperationInProgress", detail });
  }
  return {
    to: part.desired - removed.length - unborn,
    remove: removed.map(({ node }) => node.id),
    kept,
    forced: force && working.length > 0 ? busyText(working, going) : null,
  };
}

/**
 * How a pool that is asked for `asked` nodes, fewer than now, may shrink. Nodes that never came go first: nothing runs on
 * them, and a plain size gives them up. Of the others only idle ones go, by name, unless `force`. Pure and total.
 */
export function shrink(part: PoolSize, asked: number, context: Context, force: boolean): Shrink {
  if (mayGoAnyhow(context.workload)) return plain(asked);
  const nodes = nodesOf(part, context);
  const owed = Math.min(part.desired - asked, Math.max(0, part.desired - (nodes?.length ?? part.ready)));
  const { busy } = context.workload.scaleIn;
  // Where the cloud's own autoscaler keeps the size, vramp sets its bounds and can name no node.
  if (nodes === null || busy === undefined || part.pool.control === "bounds")
    return withoutNames(part, asked, owed, context, force);
  return byName(loadsOf(nodes, busy, context), part, asked, owed, force);
}
