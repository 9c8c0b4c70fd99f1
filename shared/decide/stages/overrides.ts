import type { Override } from "../../model/memory.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { type Block, type Draft, type Step, unaffected } from "../draft.ts";

/** Overrides that are in force: until, not at, their expiry. */
export function inForce(overrides: readonly Override[], now: EpochSeconds): readonly Override[] {
  return overrides.filter((o) => now < o.until);
}

const until = (o: Override) => `until ${new Date(o.until * 1000).toISOString()} by ${o.actor}: ${o.reason}`;

/** What operators said: a hold fixes the size, a pause forbids a direction. The newest hold wins; pauses add up. */
export function overrides(draft: Draft, context: Context): Step {
  const active = inForce(context.memory.overrides, context.now);
  if (active.length === 0) return unaffected(draft, "no override");
  let next = draft;
  const details: string[] = [];
  for (const o of active) {
    if (o.kind === "hold") {
      const limit = { nodes: o.nodes, reason: "Held", detail: `held at ${o.nodes} ${until(o)}` } as const;
      next = { ...next, floor: limit, ceiling: limit };
      details.push(limit.detail);
    } else {
      const block: Block = { reason: "Paused", detail: `scaling ${o.direction} paused ${until(o)}` };
      const pausedUp = o.direction === "in" ? next.pausedUp : block;
      const pausedDown = o.direction === "out" ? next.pausedDown : block;
      next = { ...next, pausedUp, pausedDown };
      details.push(block.detail);
    }
  }
  const reason = active.some((o) => o.kind === "hold") ? "Held" : "Paused";
  return { draft: next, reason, detail: details.join("; ") };
}
