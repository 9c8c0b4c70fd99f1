import type { Facts } from "../shared/notify/facts.ts";
import type { Notifier } from "../shared/notify/notifier.ts";
import type { TargetsOptions } from "../shared/notify/targets.ts";
import type { Notification } from "../shared/policy/schema/policy.ts";
import type { ReconcileDeps } from "../shared/reconcile/deps.ts";
import type { Secrets } from "../shared/secrets/secrets.ts";
import { endpoint } from "./runtime.ts";

/** Tells those whom the policy's `notify` names. Nothing of it throws. */
export interface Telling {
  /** Tells of a run once it is over, and tries again what of its workload could not be sent before. */
  ofRun(facts: Facts): Promise<void>;
  ofRefusedPolicy(problem: string): Promise<void>;
  /** Tries again what of the fleet itself could not be sent. */
  again(): Promise<void>;
}

export type TellingDeps = Pick<ReconcileDeps, "policy" | "memory" | "telemetry" | "clock" | "newId">;

type Tell = (notifier: Notifier, fleet: string, notify: readonly Notification[]) => Promise<void>;

async function openNotifier(
  { memory, telemetry, clock, newId }: TellingDeps,
  options: TargetsOptions,
): Promise<Notifier> {
  const [{ createNotifier }, { createTargets }] = await Promise.all([
    import("../shared/notify/notifier.ts"),
    import("../shared/notify/targets.ts"),
  ]);
  return createNotifier({ store: memory, open: createTargets(options), telemetry, clock, newId });
}

/** What telling takes is loaded when there is somebody to tell: a policy without `notify` pays nothing for it. */
export function createTelling(deps: TellingDeps, options: TargetsOptions): Telling {
  let opened: Promise<Notifier> | undefined;

  async function tell(how: Tell): Promise<void> {
    try {
      const { fleet, notify } = (await deps.policy()).policy;
      if (notify.length === 0) return;
      opened ??= openNotifier(deps, options);
      await how(await opened, fleet, notify);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      deps.telemetry.warn("people could not be told; nothing else depends on it", { why });
    }
  }

  return {
    ofRun: (facts) => tell((notifier, _, notify) => notifier.ofRun(facts, notify)),
    ofRefusedPolicy: (problem) => tell((notifier, fleet, notify) => notifier.ofRefusedPolicy(fleet, problem, notify)),
    again: () => tell((notifier, fleet, notify) => notifier.again(fleet, notify)),
  };
}

/** The same, with Slack where the environment says that it is. */
export const tellingFor = (deps: TellingDeps, secrets: Secrets): Telling =>
  createTelling(deps, { secrets, slackEndpoint: endpoint("VRAMP_SLACK_ENDPOINT") });
