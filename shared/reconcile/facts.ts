import { waitOf } from "../decide/scale-in/wait.ts";
import type { PoolObservation } from "../model/pool.ts";
import type { Facts, PoolChange } from "../notify/facts.ts";
import type { Action } from "./act.ts";
import type { Resolution } from "./intents.ts";
import type { Look } from "./look.ts";

const ofAction = ({ pool, from, to }: Action): PoolChange => ({ pool: pool.name, from, to });
const ofIntent = ({ intent: { pool, from, to } }: Resolution): PoolChange => ({ pool, from, to });
const endedWell = ({ kind }: Resolution): boolean => kind === "done" || kind === "tookEffect";

/** Whether busy nodes were waited for as long as the policy allows, and a person is to decide now. */
function waitIsOver({ decided, workload, now }: Look): boolean {
  if (decided.memory.scaleIn === null) return false;
  const { over, force } = waitOf({ memory: decided.memory, workload, now });
  return over && !force;
}

/** What a run came to, as far as people may want to be told of it. */
export function factsOf(workload: string, seen: Look, actions: readonly Action[]): Facts {
  const { resolutions } = seen;
  const pools: readonly (readonly [string, PoolObservation])[] = Object.entries(seen.observation.pools);
  return {
    fleet: seen.policy.fleet,
    workload,
    decision: seen.decided.decision,
    observing: seen.observing,
    waitIsOver: waitIsOver(seen),
    stopped: actions.some(({ waits }) => waits === "Stopped"),
    accepted: actions.filter(({ result }) => result.kind === "accepted").map(ofAction),
    tookEffect: resolutions.filter(({ kind }) => kind === "tookEffect").map(ofIntent),
    failed: [
      ...resolutions.flatMap((r) => (r.kind === "failed" ? [{ ...ofIntent(r), error: r.error }] : [])),
      ...actions.flatMap((a) => (a.result.kind === "failed" ? [{ ...ofAction(a), error: a.result.error }] : [])),
    ],
    unseen: pools.flatMap(([pool, seenPool]) => (seenPool.kind === "unseen" ? [{ pool, error: seenPool.error }] : [])),
    settled: resolutions.filter(endedWell).map(({ intent }) => intent.pool),
  };
}
