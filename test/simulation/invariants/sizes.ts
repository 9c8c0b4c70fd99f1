import { type Happening, type Look, ownIntents, seenSizes, sumOf, targetsOf } from "../look.ts";
import { planOf } from "../plan-of.ts";
import { ceilingOf, heldAt, isOffHours } from "./expected.ts";
import type { Invariant } from "./invariant.ts";
import { knownSamples, mayShrink } from "./reading.ts";

/** What a decision that moves something looks like from outside; null for any other happening. */
function moved(happening: Happening) {
  if (happening.kind !== "decided") return null;
  const { look } = happening;
  const decision = look.decided?.lastDecision ?? null;
  if (decision === null || ownIntents(look).length === 0) return null;
  const plan = planOf(look);
  const names = plan.pools.map((p) => p.name);
  const [before, after] = [seenSizes(look, names), targetsOf(look, names)];
  return { look, decision, plan, names, before, after, from: sumOf(before), to: sumOf(after) };
}

export const withinBounds: Invariant = {
  name: "I1",
  says: "Whole sizes within the policy's nodes, all pools together too, or moving towards them.",
  watch: () => (happening) => {
    const move = moved(happening);
    if (move === null) return null;
    const { plan, after, from, to, look, decision } = move;
    for (const [pool, nodes] of after)
      if (!Number.isSafeInteger(nodes) || nodes < 0) return `${pool} is to have ${nodes} nodes`;
    if (to > Math.max(plan.max, from))
      return `${plan.id}: ${from} -> ${to} nodes in ${said(move)}, and nodes.max is ${plan.max}`;
    const least = Math.min(plan.min, ceilingOf(plan, look.decided ?? look.loaded, decision.at));
    const { current, want } = decision;
    return want < Math.min(least, current)
      ? `${plan.id}: ${current} -> ${want} nodes, and nodes.min is ${plan.min}`
      : null;
  },
};

export const noShrinkOnUnknown: Invariant = {
  name: "I3",
  says: "No smaller size because of demand, unless the look was told enough that is fresh and covers every window.",
  watch: () => (happening) => {
    const move = moved(happening);
    if (move === null) return null;
    const { look, plan, decision } = move;
    if (decision.want >= Math.min(decision.current, ceilingOf(plan, look.decided ?? look.loaded, decision.at)))
      return null;
    if (mayShrink(look, plan, decision.at)) return null;
    return `${plan.id}: ${decision.current} -> ${decision.want} (${decision.detail}) on signals that say no such thing`;
  },
};

export const zeroOnPurpose: Invariant = {
  name: "I10",
  says: "Zero only by a hold, inside a window that says so, or where the policy allows it and demand is known to be none.",
  watch: () => (happening) => {
    const move = moved(happening);
    if (move === null || move.decision.want > 0 || move.decision.current === 0) return null;
    const { look, plan, decision } = move;
    const now = decision.at;
    if (heldAt(look.decided ?? look.loaded, now) === 0 || isOffHours(plan, now)) return null;
    const newest = knownSamples(look.signals.get(`${plan.id}Queue`), now)?.at(-1);
    if (plan.min === 0 && newest !== undefined && newest[1] < 10) return null;
    return `${plan.id}: ${decision.current} -> 0 (${decision.detail}), and nothing says zero`;
  },
};

type Move = NonNullable<ReturnType<typeof moved>>;

const said = ({ before, after }: Move): string =>
  [...after].map(([pool, nodes]) => `${pool} ${before.get(pool)} -> ${nodes}`).join(", ");

/** Nodes that serve, and those of them that still do so when the cloud has done what it is asked for. */
function survivingOf({ look, names, after }: Move): { readonly ready: number; readonly surviving: number } {
  const named = new Map(ownIntents(look).map((i) => [i.pool, new Set(i.remove ?? [])] as const));
  let ready = 0;
  let surviving = 0;
  for (const name of names) {
    const state = look.pools.get(name);
    const serving = state?.ready ?? look.loaded.pools[name]?.ready ?? 0;
    const gone = named.get(name) ?? new Set();
    const lost = (state?.nodes ?? []).filter((n) => n.ready && gone.has(n.id)).length;
    ready += serving;
    surviving += gone.size > 0 ? serving - lost : Math.min(serving, after.get(name) ?? serving);
  }
  return { ready, surviving };
}

/** Whether every pool that shrinks is one whose cloud had nothing to give, so that only what never came is taken back. */
const takesBack = ({ look, decision, before, after }: Move): boolean =>
  [...after].every(([pool, nodes]) => {
    const health = look.decided?.pools[pool]?.health;
    const leftAlone = (health?.backoffUntil ?? Number.NEGATIVE_INFINITY) > decision.at;
    return nodes >= (before.get(pool) ?? 0) || leftAlone;
  });

export const makeBeforeBreak: Invariant = {
  name: "I11",
  says: "No move between pools takes the ready nodes below the wanted size, nor what is asked for, but for what never came.",
  watch: () => (happening) => {
    const move = moved(happening);
    if (move === null) return null;
    const { want } = move.decision;
    const { ready, surviving } = survivingOf(move);
    // Where a size comes in steps and the next one up is above nodes.max, the next one down is all there can be.
    const rounding = move.plan.pools.reduce((sum, p) => sum + p.zones - 1, 0);
    if (surviving < Math.min(want, ready) - rounding)
      return `${move.plan.id}: ${ready} ready, ${want} wanted, ${surviving} left by ${said(move)}`;
    if (move.to >= Math.min(want, move.from) - rounding || takesBack(move)) return null;
    return `${move.plan.id}: ${want} wanted, and only ${move.to} asked for by ${said(move)}`;
  },
};

/** US dollars by which sums of doubles may differ. */
const ROUNDING = 1e-6;

function othersCost(look: Look, plan: readonly string[]): number {
  return plan.filter((id) => id !== look.workload).reduce((sum, id) => sum + (look.others?.[id] ?? 0), 0);
}

export const withinBudget: Invariant = {
  name: "I8",
  says: "Nothing dearer than before above the hourly budget, by what the look was told the other workloads cost.",
  watch: (world) => (happening) => {
    const move = moved(happening);
    const { budget } = world.original;
    if (move === null || budget === null) return null;
    const { look, plan, before, after } = move;
    const costOf = (sizes: ReadonlyMap<string, number>) =>
      plan.pools.reduce((sum, p) => sum + p.price * (sizes.get(p.name) ?? 0), 0);
    const [was, is] = [costOf(before), costOf(after)];
    if (is <= was + ROUNDING) return null;
    if (look.others === null)
      return `${plan.id}: dearer by ${(is - was).toFixed(2)} USD without knowing what the others cost`;
    const total = is + othersCost(look, Object.keys(look.invocation.inForce.policy.workloads));
    return total <= budget + ROUNDING
      ? null
      : `${plan.id}: ${total.toFixed(2)} USD an hour, and the budget is ${budget.toFixed(2)}`;
  },
};
