import type { Order } from "../../model/learned.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import type { Forecast } from "./forecast.ts";

/** LATER: a node not asked for now is asked for at the next look, and ready that much later. */
const LATER: Seconds = 60;
/** BUFFER: share of the wait that work may stand in line for while the size stays, and below which it may shrink. */
const BUFFER = { grow: 0.5, shrink: 0.2 } as const;
/** SUSTAINED: a smaller size is to hold this long, else giving nodes up costs another boot: ski rental. */
const SUSTAINED: Seconds = 600;
/** HELD: for how long a size that was needed is kept. */
const HELD: Seconds = 120;
const MAX_FLOORS = 16;
/** SPARE, SPARE_CARE: deviations of the forecast that are kept spare, and how care moves that. */
const SPARE = 0.7;
const SPARE_CARE = 0.5;
/** IDLE: the last node stays that long without work: a boot's cost, and the lateness of what then has to wait for one. */
export const IDLE: Seconds = 600;
const EPSILON = 1e-9;

/** What there is to be served, and by what. Rates are requests a second. */
export interface Situation {
  readonly forecast: Forecast;
  readonly waiting: number;
  /** Node seconds that what there is and what is booting give until a node asked for now is ready. */
  readonly supply: number;
  /** What one node serves. */
  readonly rate: number;
  readonly boot: Seconds;
  readonly maxWait: Seconds;
  /** See `careOf`. */
  readonly care: number;
  /** Whether nothing arrives, waits or is served, and since when. */
  readonly idleSince: EpochSeconds | null;
  readonly current: number;
  readonly floors: readonly Order[];
  /** The largest size that makes sense. */
  readonly most: number;
}

export interface Need {
  readonly nodes: number;
  readonly floors: readonly Order[];
  /** Requests a second that are planned for beyond what is expected. */
  readonly spare: number;
}

const wholeNodes = (nodes: number, most: number): number => Math.min(most, Math.max(0, Math.ceil(nodes - EPSILON)));

/**
 * Nodes that keep the wait in bounds. The line is a buffer: growth is due only when what will wait by the time a node is
 * ready could not be served within the rest of the wait, and a smaller size once it would serve what comes for some time.
 */
export function needOf(situation: Situation, now: EpochSeconds): Need {
  const { forecast, waiting, supply, rate, boot, maxWait, care, current, idleSince, most } = situation;
  const spare = Math.max(0, SPARE + SPARE_CARE * Math.log(care)) * forecast.spread;
  const arriving = forecast.expected + spare;
  const waitingThen = Math.max(0, waiting + arriving * boot - rate * supply);
  const least = wholeNodes((waitingThen + LATER * arriving) / (rate * (LATER + maxWait * BUFFER.grow)), most);
  const lasting = wholeNodes((waiting + arriving * SUSTAINED) / (rate * (SUSTAINED + maxWait * BUFFER.shrink)), most);
  if (idleSince !== null && now - idleSince >= IDLE * care) return { nodes: 0, floors: [], spare };
  const floors = [...situation.floors.filter((f) => f.at > now - HELD && f.at < now), { at: now, nodes: lasting }];
  // The last node goes by the rule above alone.
  const floor = Math.max(Math.min(1, current), ...floors.map((f) => f.nodes));
  const grown = Math.max(least, Math.min(lasting, least + 1));
  const nodes = least > current ? grown : Math.min(current, Math.max(floor, least));
  return { nodes, floors: floors.slice(-MAX_FLOORS), spare };
}
