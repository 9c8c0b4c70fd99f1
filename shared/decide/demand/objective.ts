import { formatDuration } from "../../policy/units.ts";
import { formatValue } from "../conditions.ts";
import type { Context } from "../context.ts";
import type { Block } from "../draft.ts";
import type { Lesson } from "./learn.ts";
import { IDLE } from "./need.ts";
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

/** Before it is known what a node serves: one node more at a time while work waits and none is under way. */
function whileLearning({ learned, idleSince }: Lesson, context: Context): Pick<Proposal, "nodes" | "detail"> {
  const { size, workload, now } = context;
  if (idleSince !== null && now - idleSince >= IDLE)
    return { nodes: 0, detail: `nothing has arrived, waited or been served for ${formatDuration(now - idleSince)}` };
  const waiting = learned.backlog?.waiting ?? 0;
  const settled = size.ready >= size.desired;
  const nodes = waiting > 0 && settled ? Math.min(workload.nodes.max, size.desired + 1) : size.desired;
  return { nodes, detail: `${formatValue(waiting)} wait; what a node serves is learned while work waits` };
}

function neededText({ forecast, need, learned }: Lesson): string {
  const waiting =
    learned.backlog === null || learned.backlog.waiting === 0 ? "" : `, ${formatValue(learned.backlog.waiting)} wait`;
  const booted = `a node asked for now is ready (${formatDuration(Math.round(learned.boot))})`;
  const spare = need === null || need.spare <= 0 ? "" : `; ${perSecond(need.spare)} spare for bursts`;
  return `needs ${learned.nodes}: ${perSecond(forecast.level)} now${waiting}, ${perSecond(forecast.expected)} expected when ${booted}${spare}`;
}

/**
 * The size that keeps the wait below `maxWait` for the stated share of the work, by what comes in, what waits and what was
 * learned. Null when the workload has no objective.
 */
export function proposeByObjective(context: Context): Proposal | null {
  const { lesson, workload, size } = context;
  const { objective } = workload;
  if (objective === undefined || lesson === null) return null;
  const unknown = arrivalsUnknown(context, objective.arrivals);
  const base = { causes: null, conditions: [], unknown };
  if (unknown !== null) return { ...base, nodes: size.desired, ...unknown };
  const { nodes, detail } =
    lesson.need === null ? whileLearning(lesson, context) : { nodes: lesson.need.nodes, detail: neededText(lesson) };
  const reason = nodes > size.desired ? "TargetExceeded" : nodes < size.desired ? "BelowTarget" : "WithinTolerance";
  return { ...base, nodes, reason, detail };
}
