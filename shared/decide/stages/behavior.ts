import { formatDuration } from "../../policy/units.ts";
import type { Context } from "../context.ts";
import { type Draft, type Step, unaffected } from "../draft.ts";
import { resolveBehavior } from "../hpa/behavior-defaults.ts";
import { NODE_DEFAULTS } from "../hpa/deviations.ts";
import { rateLimit, UNBOUNDED } from "../hpa/rate-limit.ts";
import { seedRecommendations } from "../hpa/recommendations.ts";
import { stabilize, windowsOf } from "../hpa/stabilize.ts";

/**
 * HPA `behavior`: stabilization windows over what was recommended lately, then rate policies over what was changed lately.
 * Always on, with HPA's defaults where the policy is silent, but for an objective, which knows better. Bounds are a stage of their own and bind at once.
 */
export function behavior(draft: Draft, context: Context): Step {
  const { workload, memory, now, size } = context;
  if (workload.objective !== undefined && workload.behavior === undefined)
    return unaffected(draft, "the objective itself weighs how long a size is kept");
  const rules = resolveBehavior(workload.behavior);
  const windows = windowsOf(rules);
  const stored = memory.recommendations.length === 0 ? null : memory.recommendations;
  const log = seedRecommendations(stored, size.desired, now);
  const stable = stabilize(size.desired, draft.want, log, now, windows);
  const limited = rateLimit(size.desired, stable.nodes, UNBOUNDED, rules, memory, now, NODE_DEFAULTS);
  const next = { ...draft, want: limited.nodes };
  if (limited.nodes !== stable.nodes) {
    const detail = `the rate policies allow ${limited.nodes} now, ${stable.nodes} is wanted`;
    return { draft: next, reason: "RateLimited", detail };
  }
  if (stable.bound === null) return unaffected(next, "no window or rate policy binds");
  const window = formatDuration(stable.bound === "up" ? windows.up : windows.down);
  const extreme = stable.bound === "up" ? `as few as ${stable.low}` : `as many as ${stable.high}`;
  const detail = `${draft.want} is wanted; in the last ${window} ${extreme} were recommended`;
  return { draft: next, reason: "Stabilizing", detail };
}
