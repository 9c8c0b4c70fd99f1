import { own } from "../../shared/policy/own.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Controller } from "../world/controller.ts";
import type { Measure } from "./measures.ts";
import { type SIGNALS, WORKLOAD } from "./policy.ts";
import { createPolicyController } from "./policy-controller.ts";

/** What the world's clock starts at: a Monday, 00:00 UTC. */
const START: EpochSeconds = Date.UTC(2026, 0, 5) / 1000;

const MEASURED: Readonly<Record<keyof typeof SIGNALS, Measure>> = {
  arrivals: "arrivals",
  waiting: "waiting",
  inService: "inFlight",
};

const BINDINGS = Object.entries(MEASURED).map(([signal, measure]) => ({
  signal,
  source: { kind: "measure", measure, factor: 1 } as const,
}));

/** vramp by a policy of `policyFor`. */
export function createVramp(policy: Policy, initial: Readonly<Record<string, number>> = {}): Controller {
  const workload = own(policy.workloads, WORKLOAD);
  if (workload === undefined) throw new RangeError(`the policy has no workload ${WORKLOAD}; build it with policyFor`);
  const run = { policy, name: WORKLOAD, workload, bindings: BINDINGS, start: START, initial };
  // Nothing that it reads is measured by slots.
  return createPolicyController({ ...run, slots: 1 });
}
