import { expect } from "vitest";
import { contextOf, type Given, node, readingsAt } from "../../../test/support/shrinking.ts";
import type { NodeState } from "../../model/pool.ts";
import type { Context } from "../context.ts";
import { type Kept, type Shrink, shrink } from "./shrink.ts";

/** How the one pool of a context may shrink. */
export function shrinkIn(context: Context, asked: number, force = false): Shrink {
  const [part] = context.size.pools;
  if (part === undefined) throw new Error("the workload has no pool");
  return shrink(part, asked, context, force);
}

/** How the one pool may shrink, as it is given. */
export const shrunk = (given: Given, force = false): Shrink => shrinkIn(contextOf(given), given.asked, force);

/** A node, and what it reads; null: it is not reported. */
export interface Standing extends Partial<NodeState> {
  readonly reads: number | null;
}

export const IDLE: Standing = { reads: 0 };
export const UNREPORTED: Standing = { reads: null };
export const UNREADY: Standing = { reads: 0, ready: false };
/** Idle, so that only its notice keeps it from being named. */
export const NOTICED: Standing = { reads: 0, noticed: true };
/** At work, with so much to do. */
export const busy = (reads: number): Standing => ({ reads });

/** The nodes of the pool, listed in this order, and the busy signal that says so of each. */
export function standing(nodes: Readonly<Record<string, Standing>>): Pick<Given, "nodes" | "signals"> {
  const all = Object.entries(nodes);
  const reported = all.flatMap(([id, { reads }]) => (reads === null ? [] : [[id, reads] as const]));
  return {
    nodes: all.map(([id, { reads: _, ...state }]) => node(id, state)),
    signals: { busy: readingsAt(Object.fromEntries(reported)) },
  };
}

/** What is expected of nodes that stay, whatever the words. */
export const stay = (nodes: number, reason: Kept["reason"]): Kept => ({ nodes, reason, detail: expect.any(String) });
