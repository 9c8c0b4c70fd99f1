import type { Context } from "../context.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";
import { fewOf, shortName } from "../scale-in/loads.ts";
import { type Kept, type Shrink, shrink } from "../scale-in/shrink.ts";
import { waitOf, waitText } from "../scale-in/wait.ts";

/** A pool that is to shrink, and how it may. */
interface Shrinking {
  readonly pool: string;
  readonly from: number;
  readonly how: Shrink;
}

function shrinkingPools(draft: Draft, context: Context, force: boolean): readonly Shrinking[] {
  return context.size.pools.flatMap((part) => {
    const { name } = part.pool;
    const asked = draft.pools[name] ?? part.desired;
    if (asked >= part.desired) return [];
    return [{ pool: name, from: part.desired, how: shrink(part, asked, context, force) }];
  });
}

const byPool = <T>(all: readonly Shrinking[], part: (how: Shrink) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(all.map(({ pool, how }) => [pool, part(how)]));

/** What is said of the nodes that stay, of one reason: for each pool that has some. */
const saidOf = (all: readonly Shrinking[], reason: Kept["reason"]): readonly string[] =>
  all.flatMap(({ pool, how }) => how.kept.filter((k) => k.reason === reason).map((k) => `${pool}: ${k.detail}`));

function shrinkText(all: readonly Shrinking[]): string {
  const each = all.map(({ pool, from, how }) => {
    const named = how.remove.length === 0 ? "" : ` without ${fewOf(how.remove.map(shortName))}`;
    return `${pool} ${from} → ${how.to}${named}`;
  });
  return each.join(", ");
}

/**
 * Which nodes may go now. Only those that are known to be idle, unless the policy calls the work interruptible: what would
 * have to go and works, or may work, stays in its pool until it is idle, at most for `maxWait`, and then `then` holds. The
 * wanted size stays as demand and bounds decided it.
 */
export function scaleIn(draft: Draft, context: Context): Step {
  const wait = waitOf(context);
  const all = shrinkingPools(draft, context, wait.force);
  if (all.length === 0) return unaffected(draft, "no pool is to shrink");
  const named = all.filter(({ how }) => how.remove.length > 0);
  const next: Draft = {
    ...draft,
    pools: { ...draft.pools, ...byPool(all, (how) => how.to) },
    remove: byPool(named, (how) => how.remove),
  };
  const forced = all.flatMap(({ pool, how }) => (how.forced === null ? [] : [`${pool}: ${how.forced}`]));
  const waiting = [...saidOf(all, "BusyNodes"), ...forced];
  if (waiting.length > 0)
    return { draft: next, reason: "BusyNodes", detail: `${waiting.join("; ")}; ${waitText(wait, context)}` };
  for (const reason of ["Interrupted", "OperationInProgress"] as const) {
    const said = saidOf(all, reason);
    if (said.length > 0) return { draft: next, reason, detail: said.join("; ") };
  }
  return unaffected(next, shrinkText(all));
}
