import { type Decided, decide } from "../decide/decide.ts";
import type { WorkloadMemory } from "../model/memory.ts";
import type { Observation, TriggerKind } from "../model/observation.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { Workload } from "../policy/schema/workload.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { type Change, changesOf } from "./act.ts";
import type { PolicyInForce, ReconcileDeps } from "./deps.ts";
import { applyResolutions, pollIntents, type Resolution, resolveIntents } from "./intents.ts";
import { OBSERVE_TIMEOUT_MS } from "./limits.ts";
import { overlayNotices } from "./notices.ts";
import { observe } from "./observe.ts";

/** The policy names no such workload. */
export class UnknownWorkload extends Error {
  override readonly name = "UnknownWorkload";
}

/** Everything one look at a workload brought: what was seen, what was decided, and what would be done about it. */
export interface Look {
  readonly now: EpochSeconds;
  readonly policy: Policy;
  readonly revision: string;
  readonly workload: Workload;
  readonly observing: boolean;
  readonly observation: Observation;
  readonly resolutions: readonly Resolution[];
  readonly decided: Decided;
  readonly changes: readonly Change[];
}

export function workloadOf({ policy }: PolicyInForce, name: string): Workload {
  const workload = Object.hasOwn(policy.workloads, name) ? policy.workloads[name] : undefined;
  if (workload !== undefined) return workload;
  const known = Object.keys(policy.workloads).join(", ");
  throw new UnknownWorkload(`the policy of fleet ${policy.fleet} has no workload ${name}; it has ${known}`);
}

/** Observes and decides, and touches nothing: what `plan` shows and `reconcile` goes on to do. */
export async function look(
  deps: ReconcileDeps,
  name: string,
  trigger: TriggerKind,
  remembered: WorkloadMemory,
): Promise<Look> {
  const inForce = await deps.policy();
  const { policy, revision } = inForce;
  const workload = workloadOf(inForce, name);
  const now = deps.clock();
  const abort = AbortSignal.timeout(OBSERVE_TIMEOUT_MS);
  const [seen, polled] = await Promise.all([
    observe(deps, policy, name, workload, trigger, now),
    pollIntents(remembered, workload, deps.pools, abort),
  ]);
  const { observation, notices } = overlayNotices(seen, remembered.notices, now);
  const resolutions = resolveIntents(remembered, polled, observation);
  const settled = applyResolutions({ ...remembered, notices }, workload, resolutions, now);
  const decided = decide(policy, workload, observation, settled, now);
  const observing = (workload.mode ?? policy.mode) === "observe";
  const changes = changesOf(decided.decision, workload, observation, decided.memory, observing);
  return { now, policy, revision, workload, observing, observation, resolutions, decided, changes };
}
