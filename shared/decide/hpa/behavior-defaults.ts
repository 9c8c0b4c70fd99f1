import type { BehaviorInput, RatePolicy, ScalingRulesInput } from "../../policy/schema/behavior.ts";
import type { Seconds } from "../../policy/units.ts";
import { DEFAULT_DOWN_WINDOW, DEFAULT_PERIOD, DEFAULT_TOLERANCE, DEFAULT_UP_WINDOW } from "./constants.ts";

/** The rules of one direction, with nothing left out. */
export interface ScalingRules {
  readonly stabilizationWindow: Seconds;
  /** Which policy's change counts: the largest, the smallest, or none at all. */
  readonly selectPolicy: "Max" | "Min" | "Disabled";
  readonly policies: readonly RatePolicy[];
  readonly tolerance: number;
}

/** How fast a size may change, both ways. */
export interface Behavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** What stands where the policy is silent: the API defaults of autoscaling/v2. */
export const DEFAULT_BEHAVIOR: Behavior = {
  scaleUp: {
    stabilizationWindow: DEFAULT_UP_WINDOW,
    selectPolicy: "Max",
    policies: [
      { type: "Nodes", value: 4, periodSeconds: DEFAULT_PERIOD },
      { type: "Percent", value: 100, periodSeconds: DEFAULT_PERIOD },
    ],
    tolerance: DEFAULT_TOLERANCE,
  },
  scaleDown: {
    stabilizationWindow: DEFAULT_DOWN_WINDOW,
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: DEFAULT_PERIOD }],
    tolerance: DEFAULT_TOLERANCE,
  },
};

function resolveRules(input: ScalingRulesInput | undefined, defaults: ScalingRules): ScalingRules {
  if (input === undefined) return defaults;
  return {
    stabilizationWindow: input.stabilizationWindowSeconds ?? defaults.stabilizationWindow,
    selectPolicy: input.selectPolicy ?? defaults.selectPolicy,
    policies: input.policies ?? defaults.policies,
    tolerance: input.tolerance ?? defaults.tolerance,
  };
}

/** A policy's behavior with each field that was left out at its HPA default, independently of the others. */
export function resolveBehavior(input: BehaviorInput | undefined): Behavior {
  return {
    scaleUp: resolveRules(input?.scaleUp, DEFAULT_BEHAVIOR.scaleUp),
    scaleDown: resolveRules(input?.scaleDown, DEFAULT_BEHAVIOR.scaleDown),
  };
}
