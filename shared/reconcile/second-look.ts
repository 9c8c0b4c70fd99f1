import { createContext } from "../decide/context.ts";
import { decide } from "../decide/decide.ts";
import { demandSignals } from "../decide/scale-in/loads.ts";
import { mayGoAnyhow, shrink } from "../decide/scale-in/shrink.ts";
import { waitOf } from "../decide/scale-in/wait.ts";
import type { Decision } from "../model/decision.ts";
import { own } from "../policy/own.ts";
import { readSignals } from "../signals/read-signals.ts";
import type { Change } from "./act.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Look } from "./look.ts";

/*
 * A run takes seconds from its look to its last call, and a job starts in less: what shrinks because nothing ran is looked at
 * once more, just before the cloud is asked.
 */

const contextOf = ({ policy, workload, observation, decided, now }: Look) =>
  createContext(policy, workload, observation, decided.memory, now);

/** Whether the wait for busy nodes is over and the policy says to take them. */
const forceIsDue = ({ workload, decided, now }: Look): boolean =>
  waitOf({ memory: decided.memory, workload, now }).force;

/** The pools that give up nodes which are not known to be idle. */
export function takenByForce(seen: Look): ReadonlySet<string> {
  if (!forceIsDue(seen)) return new Set();
  const context = contextOf(seen);
  const { pools } = seen.decided.decision;
  const forced = context.size.pools.filter((part) => {
    const asked = own(pools, part.pool.name) ?? part.desired;
    return asked < part.desired && shrink(part, asked, context, true).forced !== null;
  });
  return new Set(forced.map((part) => part.pool.name));
}

/** The signals that said that what is to go is idle; none where nobody has to be asked. */
function restedOn(seen: Look): readonly string[] {
  if (mayGoAnyhow(seen.workload) || forceIsDue(seen)) return [];
  const { busy } = seen.workload.scaleIn;
  return busy === undefined ? demandSignals(seen) : [busy];
}

/** What is left of a change once a later decision is known: no more than both ask for. */
function agreed(change: Change, again: Decision): Change {
  const { pool, from, to, remove } = change;
  if (remove === null) {
    const less = Math.max(to, own(again.pools, pool.name) ?? from);
    return less < from ? { ...change, to: less } : { ...change, waits: "BusyNodes" };
  }
  const idle = new Set(own(again.remove, pool.name) ?? []);
  const left = remove.filter((node) => idle.has(node));
  if (left.length === 0) return { ...change, waits: "BusyNodes" };
  return { ...change, remove: left, to: from - left.length };
}

/**
 * The shrinking changes as a second look leaves them, in their order: the signals that they rest on are read again, with one
 * request each, and what has begun to work meanwhile, or can no longer be read, stays. One that has nothing left waits with
 * `BusyNodes`. Never throws.
 */
export async function lookAgain(
  changes: readonly Change[],
  seen: Look,
  deps: Pick<ReconcileDeps, "sources" | "clock">,
  abort: AbortSignal,
): Promise<readonly Change[]> {
  const names = new Set(restedOn(seen));
  if (changes.length === 0 || names.size === 0) return changes;
  const { policy, workload, observation, decided } = seen;
  const now = deps.clock();
  const signals = Object.fromEntries(Object.entries(policy.signals).filter(([name]) => names.has(name)));
  const wanted = { policy: { ...policy, signals }, workload: observation.workload, now, abort, sources: deps.sources };
  const fresh = await readSignals(wanted);
  const later = { ...observation, signals: { ...observation.signals, ...fresh } };
  // At the time of the first look: a wait that runs out in between must not make a force of it that nobody announced.
  const again = decide(policy, workload, later, decided.memory, seen.now).decision;
  return changes.map((change) => agreed(change, again));
}
