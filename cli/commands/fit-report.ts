import type { CardUse } from "../../shared/decide/placement/card-use.ts";
import type { PlacedModel } from "../../shared/decide/placement/models.ts";
import { METHODS } from "../../shared/decide/placement/packing.ts";
import type { Placement } from "../../shared/decide/placement/place-models.ts";
import type { Bytes } from "../../shared/policy/units.ts";
import type { Paint } from "../output.ts";
import { table } from "../table.ts";

/** What `vramp fit` found; also its stable JSON. Memory is in bytes, shares are 0 to 1. */
export interface FitReport extends Pick<Placement, "fits" | "method" | "certain" | "cards" | "unplaced"> {
  readonly headroom: number;
  /** Further GPUs, like the largest given, that would hold what fits a GPU; null for a workload, which has nodes. */
  readonly moreGpus: number | null;
  /** Nodes that a workload's models need, and may have; null when GPUs were listed. */
  readonly nodes: { readonly needed: number; readonly max: number } | null;
  /** What would make it fit, or what else to know, a sentence each. */
  readonly advice: readonly string[];
}

/** A table of the GPUs, then the verdict, then what to do. */
export function toText(report: FitReport, paint: Paint): string {
  const { fits, method, certain, cards, headroom, advice } = report;
  const kept = `${percent(headroom)} of every GPU kept free`;
  const verdict = fits
    ? `${paint("green", "fits")}: ${count(placedOn(cards), "model")} on ${count(cards.length, "GPU")}, ${kept}`
    : `${paint("red", "does not fit")}: ${problems(report)}; ${kept}`;
  const how = certain ? METHODS[method] : `${METHODS[method]}; too many combinations to be certain`;
  return [tableOf(cards), "", `${verdict} (${how})`, ...advice.map((line) => `  ${line}`)].join("\n");
}

function problems({ unplaced, nodes }: FitReport): string {
  const over = nodes !== null && nodes.needed > nodes.max ? [`${nodes.needed} nodes are more than ${nodes.max}`] : [];
  return [...unplaced.map(modelText), ...over].join(", ");
}

/** Why a model can never be placed, and what would help. */
export function tooLargeAdvice(model: PlacedModel, largestCard: Bytes, headroom: number): string {
  const usable = `the ${memoryText(largestCard * (1 - headroom))} that models may use of a ${memoryText(largestCard)} GPU`;
  const needed = memoryText(model.memory / (1 - headroom));
  return (
    `ModelDoesNotFit: ${modelText(model)} is larger than ${usable}, so more GPUs never help; ` +
    `use a GPU of at least ${needed}, a smaller quantization, or shards (one entry for each)`
  );
}

export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** `16Gi`, `37.25Gi`, `500Mi`: at most two decimals. */
export function memoryText(bytes: Bytes): string {
  const [size, suffix] = bytes >= 2 ** 30 ? [2 ** 30, "Gi"] : [2 ** 20, "Mi"];
  return `${Number((bytes / size).toFixed(2))}${suffix}`;
}

const modelText = ({ name, memory }: PlacedModel) => `${name} (${memoryText(memory)})`;
const percent = (share: number) => `${Number((share * 100).toFixed(1))}%`;
const placedOn = (cards: readonly CardUse[]) => cards.reduce((sum, card) => sum + card.models.length, 0);

function tableOf(cards: readonly CardUse[]): string {
  const rows = cards.map(({ label, memory, used, free, models }) => [
    label,
    memoryText(memory),
    memoryText(used),
    percent(free),
    models.map((model) => model.name).join(", ") || "-",
  ]);
  return table([["GPU", "MEMORY", "USED", "FREE", "MODELS"], ...rows]);
}
