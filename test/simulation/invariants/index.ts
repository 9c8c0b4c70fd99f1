import { busyNodesStay } from "./busy-nodes.ts";
import { cooldown } from "./cooldown.ts";
import { intentFirst, outcomeAfterwards, policyOfTheIntent } from "./intents.ts";
import type { Invariant } from "./invariant.ts";
import { oneWriter } from "./one-writer.ts";
import { operatorsAreObeyed } from "./operators.ts";
import { everyDecisionIsToldOnce, noSecrets, nothingBreaks } from "./records.ts";
import { makeBeforeBreak, noShrinkOnUnknown, withinBounds, withinBudget, zeroOnPurpose } from "./sizes.ts";

/**
 * What must never be seen, judged at everything that happens. I6, that duplicates and reorderings change no end, is judged at the
 * end of a run, where every workload must stand where the world alone says, whatever was delivered in between (L1).
 */
export const INVARIANTS: readonly Invariant[] = [
  nothingBreaks,
  withinBounds,
  oneWriter,
  noShrinkOnUnknown,
  operatorsAreObeyed,
  intentFirst,
  outcomeAfterwards,
  busyNodesStay,
  withinBudget,
  cooldown,
  zeroOnPurpose,
  makeBeforeBreak,
  policyOfTheIntent,
  everyDecisionIsToldOnce,
  noSecrets,
];
