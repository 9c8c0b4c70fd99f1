import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Signal } from "../../shared/policy/schema/signals.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { didYouMean, listed } from "../../shared/policy/suggest.ts";
import { type Role, usesIn } from "../../shared/policy/uses.ts";
import { MEASURES, type Measure, type Source } from "../controllers/measures.ts";
import { BacktestError } from "./errors.ts";

/** How a signal was bound to what the world measures: by what the policy uses it for, by its name, or by the user. */
export interface Binding {
  readonly signal: string;
  readonly source: Source;
  readonly by: "use" | "name" | "option" | "nothing";
}

const MEASURE_NAMES = Object.keys(MEASURES);

const isMeasure = (name: string): name is Measure => Object.hasOwn(MEASURES, name);

const NUMBER = /^-?\d+(\.\d+)?$/;
const TIMES = /^([A-Za-z]+)(?:\*(\d+(?:\.\d+)?))?$/;

/** `waiting`, `arrivals*60`, `0.9` or `unknown`. Throws `BacktestError`. */
export function parseSource(text: string): Source {
  if (text === "unknown") return { kind: "unknown" };
  if (NUMBER.test(text)) return { kind: "constant", value: Number(text) };
  const [, name = "", factor] = TIMES.exec(text) ?? [];
  if (isMeasure(name)) return { kind: "measure", measure: name, factor: factor === undefined ? 1 : Number(factor) };
  throw new BacktestError(
    `${JSON.stringify(text)} is nothing that the simulated world measures; give ${listed(MEASURE_NAMES, "or")} (with *FACTOR where the units differ), a number that it always has, or unknown`,
  );
}

/** Uses that say by themselves what the signal is. */
const BY_ROLE: Partial<Record<Role, Measure>> = { busy: "busy", allocatable: "gpus" };

/** Uses that only inform and decide no size. */
const ONLY_SHOWN: ReadonlySet<Role> = new Set(["costPer"]);

/** Words in a signal's name or query that leave little doubt. The first that matches counts; two that do leave one. */
const BY_NAME: readonly (readonly [RegExp, Measure])[] = [
  [/queue|waiting|pending|backlog|depth|lag\b/i, "waiting"],
  [/util|saturation|busy_percent|gpu_percent/i, "utilisation"],
  [/in.?flight|running|in.?service|concurren|active/i, "inFlight"],
  [/arriv|\brps\b|\bqps\b|per_?second|rate\([^)]*requests?/i, "arrivals"],
];

const isPercent = ({ unit, query = "" }: Signal): boolean =>
  unit === "percent" || (unit === undefined && /percent/i.test(query));

/** What the name of a signal says that it measures; null when it says nothing, or two things. */
function guessed(name: string, signal: Signal): Source | null {
  const of = (text: string) => BY_NAME.filter(([word]) => word.test(text)).map(([, measure]) => measure);
  const named = of(name.replaceAll(/([a-z])([A-Z])/g, "$1_$2"));
  const [measure, other] = named.length > 0 ? named : of(signal.query ?? signal.metric?.name ?? "");
  if (measure === undefined || other !== undefined) return null;
  const scaled = measure === "utilisation" && isPercent(signal) ? "utilisationPercent" : measure;
  return { kind: "measure", measure: scaled, factor: 1 };
}

function byRole(role: Role, signal: string, { objective }: Workload): Measure | undefined {
  if (role !== "objective") return BY_ROLE[role];
  if (signal === objective?.arrivals) return "arrivals";
  return signal === objective?.backlog ? "waiting" : "inFlight";
}

const measured = (measure: Measure): Source => ({ kind: "measure", measure, factor: 1 });

/** What to do about a signal that nothing in the world stands for. */
function unbound(signal: string, roles: readonly Role[]): string {
  const where = listed([...new Set(roles)]);
  return `signal ${signal} (used in ${where}) stands for nothing that the simulated world measures; say what it is with --bind ${signal}=MEASURE, where MEASURE is ${listed(MEASURE_NAMES, "or")}, a number that it always has, or unknown`;
}

/**
 * Binds every signal that a workload uses. Throws `BacktestError` with all of those that cannot be bound, and for a binding
 * of a signal that the workload does not use.
 */
export function bindSignals(
  policy: Policy,
  name: string,
  workload: Workload,
  given: ReadonlyMap<string, Source>,
): readonly Binding[] {
  const uses = usesIn(name, workload);
  const used = [...new Set(uses.map(({ signal }) => signal))];
  for (const signal of given.keys()) {
    if (used.includes(signal)) continue;
    const fix = didYouMean(signal, used, "it uses none");
    throw new BacktestError(`--bind ${signal}: workload ${name} uses no such signal; ${fix}`);
  }
  const problems: string[] = [];
  const bound = used.map((signal): Binding => {
    const roles = uses.filter((use) => use.signal === signal).map(({ role }) => role);
    const said = given.get(signal);
    if (said !== undefined) return { signal, source: said, by: "option" };
    const role = roles.map((each) => byRole(each, signal, workload)).find((measure) => measure !== undefined);
    if (role !== undefined) return { signal, source: measured(role), by: "use" };
    if (roles.every((each) => ONLY_SHOWN.has(each))) return { signal, source: { kind: "unknown" }, by: "nothing" };
    const declared = Object.hasOwn(policy.signals, signal) ? policy.signals[signal] : undefined;
    const guess = declared === undefined || declared.per === "node" ? null : guessed(signal, declared);
    if (guess !== null) return { signal, source: guess, by: "name" };
    problems.push(unbound(signal, roles));
    return { signal, source: { kind: "unknown" }, by: "nothing" };
  });
  if (problems.length > 0) throw new BacktestError(problems.join("\n"));
  return bound;
}

/** `waiting`, `arrivals * 60`, `always 0.9`, `unknown`: for people. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case "measure":
      return source.factor === 1 ? source.measure : `${source.measure} * ${source.factor}`;
    case "constant":
      return `always ${source.value}`;
    case "unknown":
      return "unknown";
    default:
      return source satisfies never;
  }
}
