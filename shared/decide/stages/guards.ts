import type { ConditionFinding } from "../../model/decision.ts";
import type { Blockable, Guard } from "../../policy/schema/workload.ts";
import type { Context } from "../context.ts";
import { unknownReason } from "../demand/unknown.ts";
import { type Block, type Draft, type Step, unaffected } from "../draft.ts";

/** The name that makes a guard the VRAM headroom guard, so that it gives the reason `HeadroomLow`. */
const HEADROOM_GUARD = "vram-headroom";

/** What an unknown guard still forbids: everything that could take capacity away. Growing stays allowed, lest nobody be served. */
const BLOCKED_WHEN_UNKNOWN: ReadonlySet<Blockable> = new Set(["scaleDown", "scaleToZero", "packing", "capacitySwitch"]);

function blockOf(guard: Guard, finding: ConditionFinding): Block {
  if (finding.verdict === "unknown") {
    return { reason: unknownReason(finding.why), detail: `guard ${guard.name} cannot be judged: ${finding.detail}` };
  }
  const reason = guard.name === HEADROOM_GUARD ? "HeadroomLow" : "GuardActive";
  return { reason, detail: `guard ${guard.name}: ${finding.detail}` };
}

function blocksOf(guard: Guard, finding: ConditionFinding): readonly (readonly [Blockable, Block])[] {
  if (finding.verdict !== "true" && finding.verdict !== "unknown") return [];
  const which = guard.blocks.filter((b) => finding.verdict === "true" || BLOCKED_WHEN_UNKNOWN.has(b));
  const block = blockOf(guard, finding);
  return which.map((b) => [b, block] as const);
}

/** The size once forbidden moves are taken back, and the block that did so. */
export function held(want: number, blocks: Draft["blocks"], current: number): { want: number; by: Block | null } {
  if (want > current && blocks.scaleUp !== undefined) return { want: current, by: blocks.scaleUp };
  if (want < current && blocks.scaleDown !== undefined) return { want: current, by: blocks.scaleDown };
  if (want === 0 && current > 0 && blocks.scaleToZero !== undefined) return { want: 1, by: blocks.scaleToZero };
  return { want, by: null };
}

/**
 * Named conditions that forbid a direction to demand. A literal `blocks: [scaleUp]` on VRAM headroom keeps the size; the
 * node-aware default forbids packing and shrinking only, because a new node brings VRAM of its own.
 */
export function guards(draft: Draft, context: Context): Step {
  const findings = context.workload.guards.map((guard) => ({ guard, finding: context.judge(guard.when) }));
  const active = findings.flatMap((f) => blocksOf(f.guard, f.finding));
  const blocks: Draft["blocks"] = { ...draft.blocks, ...Object.fromEntries(active) };
  const conditions = findings.map((f) => f.finding);
  const { want, by } = held(draft.want, blocks, context.size.desired);
  const next = { ...draft, want, blocks };
  if (by !== null) return { draft: next, reason: by.reason, detail: by.detail, conditions };
  if (findings.length === 0) return unaffected(next, "the workload has no guards");
  const first = findings.find((f) => f.finding.verdict === "true" || f.finding.verdict === "unknown");
  if (first === undefined) return { ...unaffected(next, "no guard is active"), conditions };
  const block = blockOf(first.guard, first.finding);
  const which = first.guard.blocks.join(" and ");
  return { draft: next, reason: block.reason, detail: `${block.detail} (forbids ${which})`, conditions };
}
