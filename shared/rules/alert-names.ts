import { formatDuration } from "../policy/units.ts";
import type { Cause } from "./causes.ts";
import { SHORTEST_WORD } from "./limits.ts";

/** What an alert can be called everywhere without quoting. */
const STRICT_NAME = /^[A-Za-z][A-Za-z0-9_]{0,199}$/;

/**
 * A name for the alert of each cause: the one the policy lists under `alerts`, where it can only mean this cause; else
 * one made from the workload and the condition, such as `VrampWorkerLlmQueueAbove50`, which stays the same as long as
 * they do.
 */
export function alertNames(workload: string, listed: readonly string[], causes: readonly Cause[]): readonly string[] {
  return causes.map((cause) => boundName(cause, listed, causes) ?? generatedName(workload, cause, causes));
}

/** The listed name that speaks of this cause, if it speaks of no other and no other listed name does. */
function boundName(cause: Cause, listed: readonly string[], causes: readonly Cause[]): string | null {
  const [name, another] = listed.filter((alert) => STRICT_NAME.test(alert) && speaksOf(alert, cause));
  if (name === undefined || another !== undefined) return null;
  return causes.filter((other) => speaksOf(name, other)).length === 1 ? name : null;
}

/** `VRAMHeadroomLow` speaks of a guard called `vram-headroom`, `LLMQueueBuildup` of a signal called `queue`. */
function speaksOf(alert: string, cause: Cause): boolean {
  return cause.names.map(letters).some((name) => name.length >= SHORTEST_WORD && letters(alert).includes(name));
}

const letters = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

function generatedName(workload: string, { condition }: Cause, causes: readonly Cause[]): string {
  const { signal, comparison, threshold, for: held } = condition;
  const alike = causes.map((cause) => cause.condition).filter((other) => same(other, condition));
  const suffix = alike.some((other) => other.for < held) ? `For${pascal(formatDuration(held))}` : "";
  const number = String(threshold).replace("-", "Minus").replace("+", "").replace(".", "_");
  return `Vramp${pascal(workload)}${pascal(signal)}${pascal(comparison)}${number}${suffix}`;
}

const same = (a: Cause["condition"], b: Cause["condition"]) =>
  a.signal === b.signal && a.comparison === b.comparison && a.threshold === b.threshold;

const pascal = (name: string) =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
