import type { Learned } from "../../model/learned.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

const DAY: Seconds = 86_400;
/** WINDOW: how many nodes are usual is known from the last two days. */
const WINDOW: Seconds = 2 * DAY;
/** AIM: calls and refusals that an hour of a node may come to; clouds count them, and throttle who makes many. */
const AIM = 4.3;
/** GAIN: by how much the logarithm of thrift rises in a day with twice what is aimed at. */
const GAIN = 4;
const RANGE = [0.25, 20] as const;
/** SURGE: the nodes of a moment count as no more than so many times the usual. */
const SURGE = 4;
/** LEAST: one node for an hour a day is the least that is taken to be usual. */
const LEAST = 1 / 24;

type Tally = Pick<Learned, "thrift" | "held">;

/** What is known before anything was seen. */
export const AT_FIRST: Tally = { thrift: 1, held: 1 };

/** What was asked of the clouds over a time. */
interface Seen {
  /** Sizes that were set, and refusals. */
  readonly calls: number;
  /** Nodes held meanwhile. */
  readonly nodes: number;
  readonly elapsed: Seconds;
}

/**
 * Integrates the calls as `addLateness` does what is late: thrift rises with every call and falls with what might have been
 * made. The more there is, the rarer are probes and the more is a node worth that is held, until calls come to what is aimed at;
 * where that many are of no use, it stays at its least.
 */
export function addCalls(past: Tally, { calls, nodes, elapsed }: Seen): Tally {
  const fading = Math.exp(-elapsed / WINDOW);
  const held = past.held * fading + nodes * (1 - fading);
  const daily = AIM * 24 * Math.max(held, nodes / SURGE, LEAST);
  const change = (GAIN * (calls - (AIM * nodes * elapsed) / 3600)) / daily;
  const thrift = Math.min(RANGE[1], Math.max(RANGE[0], past.thrift * Math.exp(change)));
  return { thrift: trim(thrift), held: trim(held) };
}
