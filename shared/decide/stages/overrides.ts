import type { Override } from "../../model/memory.ts";
import { type EpochSeconds, formatDuration } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { type Block, type Draft, type Limit, type Step, unaffected } from "../draft.ts";
import { externalInForce, externalText } from "../external.ts";

/** Overrides that are in force: until, not at, their expiry. */
export function inForce(overrides: readonly Override[], now: EpochSeconds): readonly Override[] {
  return overrides.filter((o) => now < o.until);
}

const until = (o: Override) => `until ${new Date(o.until * 1000).toISOString()} by ${o.actor}: ${o.reason}`;

/** The draft with one override taken in. */
function withOverride(draft: Draft, o: Override): Draft {
  switch (o.kind) {
    case "hold": {
      const limit: Limit = { nodes: o.nodes, reason: "Held", detail: `held at ${o.nodes} ${until(o)}` };
      return { ...draft, floor: limit, ceiling: limit };
    }
    case "wake": {
      if (o.nodes <= draft.floor.nodes) return draft;
      return { ...draft, floor: { nodes: o.nodes, reason: "Woken", detail: `kept at ${o.nodes} or more ${until(o)}` } };
    }
    case "pause": {
      const block: Block = { reason: "Paused", detail: `scaling ${o.direction} paused ${until(o)}` };
      const pausedUp = o.direction === "in" ? draft.pausedUp : block;
      return { ...draft, pausedUp, pausedDown: o.direction === "out" ? draft.pausedDown : block };
    }
    default:
      return o satisfies never;
  }
}

const SAID = { hold: "Held", wake: "Woken", pause: "Paused" } as const;
/** Wakes first, for a hold outranks them. */
const ORDER = { wake: 0, pause: 1, hold: 2 } as const;

/** A size that somebody else set is left alone for a while, in both directions. The policy's bounds and the calendar's ceiling bind all the same. */
function respectExternal(draft: Draft, { memory, workload, now, size }: Context): Step {
  const external = externalInForce(memory, workload.respectExternalFor, now);
  if (external === null) return unaffected(draft, "no override");
  const left = formatDuration(Math.ceil(external.at + workload.respectExternalFor - now));
  const said = { reason: "ExternalChange", detail: `${externalText(external)}; left alone for ${left}` } as const;
  const { min, max } = workload.nodes;
  const limit: Limit = { nodes: Math.min(Math.max(size.desired, min), max), ...said };
  return { draft: { ...draft, floor: limit, ceiling: limit }, ...said };
}

/**
 * What operators said: a hold fixes the size, a wake sets a floor, a pause forbids a direction. The newest hold wins; pauses
 * add up.
 */
export function overrides(draft: Draft, context: Context): Step {
  const active = inForce(context.memory.overrides, context.now).toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]);
  const last = active.at(-1);
  if (last === undefined) return respectExternal(draft, context);
  const next = active.reduce(withOverride, draft);
  return { draft: next, reason: SAID[last.kind], detail: active.map((o) => `${o.kind} ${until(o)}`).join("; ") };
}
