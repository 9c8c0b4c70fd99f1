import type { Context } from "../context.ts";
import type { Draft, Step } from "../draft.ts";
import { behavior } from "./behavior.ts";
import { bounds } from "./bounds.ts";
import { calendar } from "./calendar.ts";
import { capacity } from "./capacity.ts";
import { demand } from "./demand.ts";
import { effectiveness } from "./effectiveness.ts";
import { guards } from "./guards.ts";
import { models } from "./models.ts";
import { overrides } from "./overrides.ts";
import { scaleIn } from "./scale-in.ts";

/** One part of a decision: it may change the wanted size or forbid a direction, and always says why. Pure. */
export type Stage = (draft: Draft, context: Context) => Step;

/** The order is the precedence, and `vramp explain` prints it. */
export const STAGES: readonly (readonly [name: string, stage: Stage])[] = [
  ["overrides", overrides],
  ["calendar", calendar],
  ["demand", demand],
  ["models", models],
  ["guards", guards],
  ["behavior", behavior],
  ["bounds", bounds],
  ["effectiveness", effectiveness],
  ["capacity", capacity],
  ["scale-in", scaleIn],
];
