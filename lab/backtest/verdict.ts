import { formatDuration, type Seconds } from "../../shared/policy/units.ts";
import type { Outcome } from "./outcome.ts";

const dollars = (usd: number): string => `${usd < 100 ? usd.toFixed(2) : Math.round(usd).toLocaleString("en-US")} USD`;
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** `62 % less than`, or `12 % more than`. */
function against(usd: number, other: number): string {
  const change = Math.round(Math.abs(1 - usd / other) * 100);
  return change === 0 ? "as much as" : `${change} % ${usd < other ? "less" : "more"} than`;
}

/** The cheapest of these that keeps what is wanted. */
const cheapestHolding = (outcomes: readonly Outcome[]): Outcome | undefined =>
  outcomes.filter(({ fails, usd }) => fails.length === 0 && usd > 0).toSorted((a, b) => a.usd - b.usd)[0];

/** What a backtest means, in one sentence or two. */
export function verdictOf(outcomes: readonly Outcome[], bound: number, wanted: number, maxWait: Seconds): string {
  const vramp = outcomes.find(({ kind }) => kind === "vramp");
  if (vramp === undefined) return "vramp was not run.";
  const { usd, attainment, fails } = vramp;
  const served = `${percent(attainment)} waited at most ${formatDuration(maxWait)} (wanted: ${percent(wanted)})`;
  const actual = outcomes.find(({ kind, usd: cost }) => kind === "actual" && cost > 0);
  const fixed = outcomes.find(({ kind, usd: cost }) => kind === "static" && cost > 0);
  const peer = cheapestHolding(outcomes.filter(({ kind }) => kind === "peer"));
  const compared = [
    ...(actual === undefined ? [] : [`${against(usd, actual.usd)} what actually ran`]),
    ...(fixed === undefined ? [] : [`${against(usd, fixed.usd)} a fixed size for the peak`]),
    ...(peer === undefined ? [] : [`${against(usd, peer.usd)} the cheapest peer that keeps it (${peer.name})`]),
  ];
  const least =
    bound > 0 ? `; the least that anybody could pay is ${dollars(bound)} (${(usd / bound).toFixed(2)} times)` : "";
  const cost = `It costs ${[dollars(usd), ...compared].join(", ")}${least}.`;
  if (fails.length === 0) return `vramp keeps what is wanted: ${served}. ${cost}`;
  return `vramp does not keep what is wanted: ${fails.join("; ")}. ${cost}`;
}
