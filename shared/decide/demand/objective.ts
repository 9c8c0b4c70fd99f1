import { type EpochSeconds, formatDuration, type Seconds } from "../../policy/units.ts";
import { formatValue } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Block } from "../draft.ts";
import { lateAlone } from "./bursts.ts";
import type { Lesson } from "./learn.ts";
import type { Need } from "./need.ts";
import type { Proposal } from "./proposal.ts";
import { unknownReason } from "./unknown.ts";

const perSecond = (rate: number): string => `${formatValue(Number(rate.toPrecision(3)))} a second`;

function arrivalsUnknown(context: Context, signal: string): Block | null {
  const reading = context.reading(signal);
  if (reading.kind === "known") return null;
  if (reading.kind === "absent")
    return { reason: "SignalUnknown", detail: `${signal}: not asked, the pools are empty` };
  return { reason: unknownReason(reading.why), detail: `${signal}: ${reading.detail}` };
}

/**
 * Before it is known what a node serves: one node more at a time while work waits and none is under way, several where there is none
 * and one may take too long, and as many more as there are once it has waited for half of what it may.
 */
function whileLearning(
  { learned, idleSince, rest }: Lesson,
  context: Context,
  maxWait: Seconds,
): Pick<Proposal, "nodes" | "detail"> {
  const { size, workload, now } = context;
  if (rest.sleeps) return { nodes: 0, detail: nothingFor(now - (idleSince ?? now)) };
  const waiting = learned.backlog?.waiting ?? 0;
  const settled = size.ready >= size.desired;
  const stale = now - (learned.backlog?.since ?? now) > maxWait / 2;
  const more = stale ? Math.max(1, size.desired) : 1;
  const nodes =
    waiting > 0 && settled ? Math.min(workload.nodes.max, Math.max(rest.together, size.desired + more)) : size.desired;
  return { nodes, detail: `${formatValue(waiting)} wait; what a node serves is learned while work waits` };
}

const nothingFor = (pause: Seconds): string =>
  `nothing has arrived, waited or been served for ${formatDuration(pause)}`;

const lateText = ({ bursts }: Lesson["learned"]): string =>
  `${formatValue(Number(lateAlone(bursts).toPrecision(2)))} an hour`;

function neededText({ forecast, learned, idleSince }: Lesson, need: Need, now: EpochSeconds): string {
  if (need.nodes === 0 && idleSince !== null)
    return `${nothingFor(now - idleSince)}: until work is likely, a node would cost more than it would save`;
  const waiting =
    learned.backlog === null || learned.backlog.waiting === 0 ? "" : `, ${formatValue(learned.backlog.waiting)} wait`;
  const booted = `a node asked for now is ready in ${formatDuration(Math.round(learned.boot))}`;
  const spare = need.spare <= 0 ? "" : `; ${perSecond(need.spare)} spare for bursts`;
  const rushed = need.rushed ? "; work will be late, so more are asked for than will stay" : "";
  const inCase = need.inCase ? "; the first that is ready stays" : "";
  const patient = learned.surplusSince === null ? "" : "; what is to spare stays a while, to save calls";
  const second = need.second ? `; one more, for alone one would leave ${lateText(learned)} late` : "";
  return `needs ${learned.nodes}: ${perSecond(forecast.level)} now${waiting}; ${booted}${spare}${rushed}${inCase}${second}${patient}`;
}

/**
 * The size that keeps the wait below `maxWait` for the stated share of the work, by what comes in, what waits and what was
 * learned. Null when the workload has no objective.
 */
export function proposeByObjective(context: Context): Proposal | null {
  const { lesson, workload, size, now } = context;
  const { objective } = workload;
  if (objective === undefined || lesson === null) return null;
  const unknown = arrivalsUnknown(context, objective.arrivals);
  const base = { causes: null, conditions: [], unknown };
  if (unknown !== null) return { ...base, nodes: size.desired, ...unknown };
  const { nodes, detail } =
    lesson.need === null
      ? whileLearning(lesson, context, objective.maxWait)
      : { nodes: lesson.learned.nodes, detail: neededText(lesson, lesson.need, now) };
  const reason = nodes > size.desired ? "TargetExceeded" : nodes < size.desired ? "BelowTarget" : "WithinTolerance";
  return { ...base, nodes, reason, detail };
}
