import type { Decision } from "../model/decision.ts";
import { type Notice, OCCASIONS } from "../model/notice.ts";
import { clean } from "../telemetry/telemetry.ts";
import type { Facts, PoolChange } from "./facts.ts";
import { MAX_LINES } from "./limits.ts";
import { blockedBy, isNewBlock, isNewFailure, type Met } from "./problems.ts";
import { type BlockedReason, FAILED, remedyFor } from "./remedies.ts";

/** What one part of a run has to say; the first line of `what` is good enough for a headline. */
interface Part {
  readonly what: readonly string[];
  readonly why: readonly string[];
  readonly toDo: readonly string[];
}

const NOTHING: Part = { what: [], why: [], toDo: [] };
const sum = (changes: readonly PoolChange[]): number => changes.reduce((all, { from, to }) => all + to - from, 0);
const changeText = ({ pool, from, to }: PoolChange): string => `${pool} ${from} → ${to}`;

/** The size that was wished for before the stage that bound the decision took it back, or that the pools cannot follow. */
function wishOf({ current, want, stages, reason, detail }: Decision): number {
  const bound = stages.findIndex((stage) => stage.reason === reason && stage.detail === detail);
  const before = stages[bound - 1]?.want ?? want;
  return before === current ? want : before;
}

function failures(facts: Facts, met: Met): Part {
  const failed = facts.failed.filter(({ pool, error }) => isNewFailure(met, pool, error.kind));
  const unseen = facts.unseen.filter(({ pool, error }) => isNewFailure(met, pool, error.kind));
  const errors = [...failed, ...unseen].map(({ error }) => error);
  return {
    what: [
      ...failed.map((f) => `${changeText(f)} failed (${f.error.kind})`),
      ...unseen.map(({ pool, error }) => `${pool} cannot be seen (${error.kind})`),
    ],
    why: errors.map(({ message }) => message),
    toDo: errors.map(({ kind }) => FAILED[kind]),
  };
}

function blockText(reason: BlockedReason, decision: Decision): string {
  const { current } = decision;
  const wish = wishOf(decision);
  return wish === current ? `${current} nodes, held up (${reason})` : `${current} nodes, would be ${wish} (${reason})`;
}

function block(facts: Facts, met: Met): Part {
  const reason = blockedBy(facts);
  if (reason === null || !isNewBlock(met, reason)) return NOTHING;
  return { what: [blockText(reason, facts.decision)], why: [], toDo: [remedyFor(reason, facts.workload)] };
}

function scaling({ decision, accepted, tookEffect }: Facts): Part {
  const changes = [...tookEffect, ...accepted];
  if (changes.length === 0) return NOTHING;
  const from = decision.current - sum(tookEffect);
  const to = decision.current + sum(accepted);
  const all = from === to ? `${to} nodes, moved between pools` : `${from} → ${to} nodes`;
  return { what: [all, ...changes.map(changeText)], why: [], toDo: [] };
}

/** Each line once, cleaned, and not too many of them. */
function lines(texts: readonly string[]): readonly string[] {
  const all = [...new Set(texts.map(clean))];
  const rest = all.length - MAX_LINES;
  return rest > 0 ? [...all.slice(0, MAX_LINES), `and ${rest} more`] : all;
}

/**
 * What people are to be told of a run, everything in one notice: changes of the size that the cloud accepted, a wish that is
 * held up, and what failed. Null when there is nothing new.
 */
export function noticeOf(facts: Facts, met: Met): Notice | null {
  const { fleet, workload, decision, observing } = facts;
  const parts = { failed: failures(facts, met), blocked: block(facts, met), scaled: scaling(facts) };
  const occasions = OCCASIONS.filter((occasion) => parts[occasion].what.length > 0);
  const said = occasions.map((occasion) => parts[occasion]);
  const what = said.flatMap((part) => part.what);
  const [first] = what;
  if (first === undefined) return null;
  const decided = `${decision.reason}: ${decision.detail}`;
  return {
    occasions,
    fleet,
    workload,
    headline: clean(`${workload}: ${first}`),
    what: lines([...what, ...(observing ? ["observe mode: nothing is changed"] : [])]),
    why: lines([...said.flatMap((part) => part.why), decided]),
    toDo: lines(said.flatMap((part) => part.toDo)),
    command: `vramp explain ${workload}`,
  };
}

/** What people are to be told when a changed policy was refused. */
export const policyRefused = (fleet: string, problem: string): Notice => ({
  occasions: ["failed"],
  fleet,
  workload: null,
  headline: "the changed policy was refused",
  what: ["the changed policy was refused; the last good one stays in force"],
  why: lines([`PolicyInvalid: ${problem}`]),
  toDo: ["Correct the file; it is taken by itself."],
  command: "vramp validate",
});
