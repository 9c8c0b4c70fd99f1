import type { Seconds } from "../../policy/units.ts";
import { weightOf } from "../capacity/prices.ts";
import type { Forecast } from "./forecast.ts";
import type { Rest } from "./rest.ts";

/** LATER: a node not asked for now is asked for at the next look, and ready that much later. */
const LATER: Seconds = 60;
/** BUFFER: share of the wait that work may stand in line for while the size stays, and below which it may shrink. */
const BUFFER = { grow: 0.7, shrink: 0.2 } as const;
/** FOLLOWED: the share for growth where the line is followed: with ordinary care, how care moves it, and the most. */
const FOLLOWED = { grow: 0.75, care: -1 / 3, most: 0.8 } as const;
/** SUSTAINED: boots for which a smaller size is to serve, else giving nodes up costs another boot: ski rental. */
const SUSTAINED = 1.25;
/**
 * RUSH: once work is bound to be late, so many times the nodes are asked for that would do if all took as long to boot. The
 * first to come shorten the line, and the others are given up on their way.
 */
const RUSH = 2;
/**
 * SPARE, SPARE_CARE: deviations of the forecast that are kept spare on the dearest nodes, and how the weight of care and cheaper nodes
 * move that.
 */
const SPARE = 0.25;
const SPARE_CARE = 0.5;
/**
 * UNCERTAIN: of what nodes serve of a line that is followed, so many deviations are not counted on: jobs differ in length, and when
 * one is done is as good as chance (Poisson).
 */
const UNCERTAIN = 1;
const EPSILON = 1e-9;

/** What there is to be served, and by what. Rates are requests a second. */
export interface Situation {
  readonly forecast: Forecast;
  readonly waiting: number;
  /** What is being served. */
  readonly running: number;
  /** Nodes that serve now and are to stay. */
  readonly serving: number;
  /** Node seconds that what there is and what is booting give until a node asked for now is ready. */
  readonly supply: number;
  /** What one node serves. */
  readonly rate: number;
  readonly boot: Seconds;
  readonly maxWait: Seconds;
  /** See `careOf`. */
  readonly care: number;
  /** See `dearOf`. */
  readonly dear: number;
  /** See `Rest`. */
  readonly sleeps: boolean;
  /** What is seen of a line that is followed from look to look; null where the wait is too short for that. */
  readonly line: Followed | null;
  readonly current: number;
  /** The largest size that makes sense. */
  readonly most: number;
}

/** A line that is followed. */
export interface Followed extends Pick<Rest, "together" | "second"> {
  /** Whether those who came first have waited for long, so that no node is to spare. */
  readonly stale: boolean;
}

export interface Need {
  readonly nodes: number;
  /** Requests a second that are planned for beyond what is expected. */
  readonly spare: number;
  /** Whether work is bound to be late, so that more are asked for than are to stay. */
  readonly rushed: boolean;
  /** Whether some of them are asked for only in case another takes too long to be ready. */
  readonly inCase: boolean;
  /** Whether one of them is kept for bursts that the other would serve too late. */
  readonly second: boolean;
}

const wholeNodes = (nodes: number, most: number): number => Math.min(most, Math.max(0, Math.ceil(nodes - EPSILON)));

const growsBy = (line: Followed | null, care: number): number =>
  line === null ? BUFFER.grow : Math.min(FOLLOWED.most, FOLLOWED.grow * care ** FOLLOWED.care);

/** What has to be served in the mean, so that `work` is but for bad luck: x less the deviations that are not counted on is `work`. */
const withLuck = (work: number): number =>
  work <= 0 ? work : ((UNCERTAIN + Math.sqrt(UNCERTAIN ** 2 + 4 * work)) / 2) ** 2;

/**
 * Nodes that keep the wait in bounds. The line is a buffer: growth is due only when what will wait by the time a node is
 * ready could not be served within the rest of the wait, and a smaller size once it would serve what comes for some time.
 * What is on its way stays until those that serve are enough, for nobody knows which node is ready first.
 */
export function needOf(situation: Situation): Need {
  const { forecast, waiting, running, serving, supply, rate, boot, maxWait, care, dear, current, sleeps, line } =
    situation;
  const spare = Math.max(0, SPARE + SPARE_CARE * Math.log(weightOf(care) / dear)) * forecast.spread;
  const arriving = forecast.level + spare;
  if (sleeps) return { nodes: 0, spare, rushed: false, inCase: false, second: false };
  // Work that takes long is no reason for more nodes than there are requests, and one for what follows.
  const most = Math.min(situation.most, Math.ceil(waiting + running + arriving * (boot + LATER)) + 1);
  const waitingThen = Math.max(0, waiting + arriving * boot - rate * supply);
  const rushed = line === null && waitingThen > maxWait * arriving;
  const rush = rushed ? RUSH : 1;
  const due = waitingThen + LATER * arriving;
  const least = wholeNodes(
    (rush * (line === null ? due : withLuck(due))) / (rate * (LATER + maxWait * growsBy(line, care))),
    most,
  );
  const sustained = SUSTAINED * boot;
  const lasting = wholeNodes((waiting + arriving * sustained) / (rate * (sustained + maxWait * BUFFER.shrink)), most);
  const grown = Math.max(least, Math.min(lasting, least + 1));
  // The last node goes by the rule above alone.
  const floor = serving < lasting || line?.stale === true ? current : Math.max(Math.min(1, current), lasting);
  const needed = least > current ? grown : Math.min(current, Math.max(floor, least));
  const together = Math.min(line?.together ?? 0, most);
  const started = Math.max(needed, together);
  const nodes = line?.second === true ? Math.max(started, Math.min(2, situation.most)) : started;
  // What is said of them does not depend on how many there are, for these may be among them by now.
  const inCase = together > Math.max(1, grown);
  const second = line?.second === true && situation.most > 1 && Math.max(grown, together) < 2;
  return { nodes, spare, rushed, inCase, second };
}
