import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EksRef, Pool } from "../../shared/policy/schema/pools.ts";
import type { CloudEvent } from "./events.ts";

/** The account whose node groups these are: the role's, where a pool has one, and else our own. */
export const accountOf = ({ roleArn }: EksRef, own: string): string => roleArn?.split(":")[4] ?? own;

/** An EKS pool of the policy. */
interface Candidate {
  readonly workload: string;
  readonly capacity: Pool["capacity"];
  readonly eks: EksRef;
}

const candidatesIn = (policy: Policy): readonly Candidate[] =>
  Object.entries(policy.workloads).flatMap(([workload, { pools }]) =>
    pools.flatMap(({ capacity, eks }) => (eks === undefined ? [] : [{ workload, capacity, eks }])),
  );

/** Why an event wakes nobody. The first two should not happen: the stack's rules let no such event through. */
export type Refusal = "WrongAccount" | "WrongRegion" | "NoMatchingPool";

/** The workloads that an event wakes and, for the log, by what they were found; or why it wakes none. */
export type Routed =
  | { readonly workloads: readonly string[]; readonly by: string }
  | { readonly workloads: readonly []; readonly refusal: Refusal };

/** EKS called its groups so until 2021: a random id alone. */
const NAMELESS_GROUP = /^eks-[0-9a-f]{8}-[0-9a-f]{4}-/;

const distinct = (found: readonly Candidate[]): readonly string[] => [...new Set(found.map((c) => c.workload))];

/**
 * EKS calls the group behind a node group `eks-<node group>-<random id>`, whatever the cluster. Taken as a prefix, because a look
 * too many is cheap: `llm` is woken for `llm-spot` too, and a node group of the same name in another cluster wakes both.
 */
function byGroup(group: string, here: readonly Candidate[]): Routed {
  const named = here.filter(({ eks }) => group.startsWith(`eks-${eks.nodegroup}-`));
  if (named.length > 0) return { workloads: distinct(named), by: `the name of group ${group}` };
  if (NAMELESS_GROUP.test(group)) return { workloads: distinct(here), by: `group ${group}, which names no node group` };
  return { workloads: [], refusal: "NoMatchingPool" };
}

/** An instance's event does not say whose it is, so it wakes every workload with a spot pool where it happened. */
function byPlace({ account, region }: CloudEvent, here: readonly Candidate[]): Routed {
  const spot = here.filter(({ capacity }) => capacity === "spot");
  if (spot.length === 0) return { workloads: [], refusal: "NoMatchingPool" };
  return { workloads: distinct(spot), by: `a spot pool in ${account}, ${region}` };
}

/** Finds the workloads whose pools an event may concern. Only pools of its own account and region come into question. */
export function route(event: CloudEvent, policy: Policy, ownAccount: string): Routed {
  const ours = candidatesIn(policy).filter(({ eks }) => accountOf(eks, ownAccount) === event.account);
  if (ours.length === 0) return { workloads: [], refusal: "WrongAccount" };
  const here = ours.filter(({ eks }) => eks.region === event.region);
  if (here.length === 0) return { workloads: [], refusal: "WrongRegion" };
  return event.about.kind === "group" ? byGroup(event.about.group, here) : byPlace(event, here);
}
