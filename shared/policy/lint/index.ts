import type { Finding } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";
import { budget } from "./budget.ts";
import { calendar } from "./calendar.ts";
import { demand } from "./demand.ts";
import { gpu } from "./gpu.ts";
import { identities } from "./identities.ts";
import { names } from "./names.ts";
import { pools } from "./pools.ts";
import { references } from "./references.ts";
import { scaleIn } from "./scale-in.ts";
import { sizes } from "./sizes.ts";
import { sources } from "./sources.ts";
import { thresholds } from "./thresholds.ts";
import { timing } from "./timing.ts";
import { wakeUps } from "./wake-ups.ts";

/** A family of checks: what a policy of the right shape says that cannot be meant. Pure; findings name their place. */
export type Check = (policy: Policy) => Iterable<Finding>;

/** Every family. The order only decides between findings at the same place. */
export const CHECKS: readonly Check[] = [
  references,
  names,
  sources,
  identities,
  timing,
  thresholds,
  sizes,
  pools,
  calendar,
  wakeUps,
  demand,
  scaleIn,
  gpu,
  budget,
];

export function lint(policy: Policy): readonly Finding[] {
  return CHECKS.flatMap((check) => [...check(policy)]);
}
