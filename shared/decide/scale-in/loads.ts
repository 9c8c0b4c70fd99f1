import type { NodeState } from "../../model/pool.ts";
import { nodeReadingOf, type Reading } from "../../model/reading.ts";
import { type SignalObservation, UNKNOWN } from "../../model/signal.ts";
import { own } from "../../policy/own.ts";
import type { Signal } from "../../policy/schema/signals.ts";
import { usesIn } from "../../policy/uses.ts";
import { formatValue } from "../conditions.ts";
import type { Context } from "../context.ts";

/** Whether a node works. Only a reading that is known and zero says that it does not. */
export type Load =
  | { readonly kind: "idle" }
  | { readonly kind: "busy"; readonly value: number }
  | { readonly kind: "unknown"; readonly detail: string };

/** A node, and whether it works. */
export interface LoadedNode {
  readonly node: NodeState;
  readonly load: Load;
}

/** Whether nothing of a workload runs anywhere; if not, or if nobody knows, why. */
export type Rest = { readonly rests: true } | { readonly rests: false; readonly detail: string };

/** The busy signal, and what was observed of it. */
interface Busy {
  readonly signal: Signal;
  readonly observed: SignalObservation;
}

const NOT_SUPPLIED: SignalObservation = { kind: "unknown", why: "notSupplied", detail: UNKNOWN.notSupplied };
const NONE_REPORTED: SignalObservation = { kind: "perNode", nodes: {} };

function busyOf({ policy, observation }: Context, name: string): Busy | null {
  const signal = own(policy.signals, name);
  return signal === undefined ? null : { signal, observed: own(observation.signals, name) ?? NOT_SUPPLIED };
}

function loadOf(reading: Reading): Load {
  switch (reading.kind) {
    case "absent":
      return { kind: "unknown", detail: "it is not reported" };
    case "unknown":
      return { kind: "unknown", detail: reading.detail };
    case "known":
      if (reading.value === 0) return { kind: "idle" };
      if (reading.value > 0) return { kind: "busy", value: reading.value };
      return { kind: "unknown", detail: `it reads ${formatValue(reading.value)}, below zero` };
    default:
      return reading satisfies never;
  }
}

/** Each of the nodes with what the busy signal `name` says of it. */
export function loadsOf(nodes: readonly NodeState[], name: string, context: Context): readonly LoadedNode[] {
  const busy = busyOf(context, name);
  if (busy === null) return nodes.map((node) => ({ node, load: { kind: "unknown", detail: UNKNOWN.notSupplied } }));
  return nodes.map((node) => ({
    node,
    load: loadOf(nodeReadingOf(busy.signal, busy.observed, node.id, context.now)),
  }));
}

/** As many as a person reads; the rest is a number. */
const NAMED = 3;

/** `gpu-a, gpu-b, gpu-c and 2 more`. */
export function fewOf(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

/** A provider id without its path: `i-0abc` of `aws:///eu-central-1a/i-0abc`. */
export const shortName = (id: string): string => id.slice(id.lastIndexOf("/") + 1) || id;

const notIdle = (id: string, load: Load): string | null =>
  load.kind === "idle" ? null : `${shortName(id)}${load.kind === "busy" ? " is busy" : `: ${load.detail}`}`;

/** By the busy signal, for nodes that cannot be told apart: nobody who is reported works, and nobody is missing who might. */
function restByNodes({ signal, observed }: Busy, { now, size }: Context): Rest {
  const unreported = loadOf(nodeReadingOf(signal, observed.kind === "perNode" ? NONE_REPORTED : observed, "", now));
  const nodes = observed.kind === "perNode" ? Object.keys(observed.nodes) : [];
  for (const id of nodes) {
    const detail = notIdle(id, loadOf(nodeReadingOf(signal, observed, id, now)));
    if (detail !== null) return { rests: false, detail };
  }
  const silent = observed.kind === "unknown" || observed.kind === "series" || nodes.length < size.ready;
  if (!silent || unreported.kind === "idle") return { rests: true };
  if (observed.kind === "perNode" || unreported.kind === "busy")
    return { rests: false, detail: `${size.ready - nodes.length} of ${size.ready} ready nodes are not reported` };
  return { rests: false, detail: unreported.detail };
}

const DEMAND: ReadonlySet<string> = new Set(["scaleUp", "scaleDown", "target"]);

/** The signals that state a workload's demand: those of its rules and targets. */
export function demandSignals({ workload, observation }: Pick<Context, "workload" | "observation">): readonly string[] {
  const uses = usesIn(observation.workload, workload).filter(({ role }) => DEMAND.has(role));
  return [...new Set(uses.map(({ signal }) => signal))];
}

/** By demand: every signal that states it is known and zero. Absent is zero, for then there is no node. */
function restByDemand(context: Context): Rest {
  const names = demandSignals(context);
  if (names.length === 0) return { rests: false, detail: "no signal states what it has to do" };
  for (const name of names) {
    const reading = context.reading(name);
    if (reading.kind === "unknown") return { rests: false, detail: `${name} is unknown, ${reading.detail}` };
    if (reading.kind === "known" && reading.value !== 0)
      return { rests: false, detail: `${name} is ${formatValue(reading.value)}` };
  }
  return { rests: true };
}

/**
 * Whether nothing of the workload runs, so that any node may go. Of `nodes`, those of the pool where its cloud lists them, each
 * is to be known to be idle: others may be reported in their place.
 */
export function restOf(context: Context, nodes: readonly NodeState[] | null): Rest {
  const name = context.workload.scaleIn.busy;
  if (name === undefined) return restByDemand(context);
  const busy = busyOf(context, name);
  if (busy === null) return { rests: false, detail: UNKNOWN.notSupplied };
  const rest = restByNodes(busy, context);
  if (!rest.rests) return rest;
  for (const { node, load } of loadsOf(nodes ?? [], name, context)) {
    const detail = notIdle(node.id, load);
    if (detail !== null) return { rests: false, detail };
  }
  return rest;
}
