import type { Seconds } from "../../shared/policy/units.ts";
import type { NodePhase } from "./controller.ts";
import { LAUNCH, MINIMUM_BILLED } from "./options.ts";

/** A node of the world, from its request until it is gone. Changes as it lives: the world's own. */
export interface Node {
  readonly id: string;
  readonly requestedAt: Seconds;
  readonly billedFrom: Seconds;
  readonly readyAt: Seconds;
  /** The cloud has none to give: it never comes to be, and the refusal is seen once it would have been billed. */
  refused: boolean;
  phase: NodePhase;
  /** When it dies of its notice; null without one. */
  diesAt: Seconds | null;
  /** When it has finished its job, if it works on one. */
  busyUntil: Seconds;
  gone: boolean;
}

export const newNode = (id: string, now: Seconds, boot: Seconds, refused: boolean): Node => ({
  id,
  requestedAt: now,
  billedFrom: now + LAUNCH,
  readyAt: now + boot,
  refused,
  phase: "requested",
  diesAt: null,
  busyUntil: 0,
  gone: false,
});

/** A node that was there before the world began. */
export const readyNode = (id: string): Node => ({
  id,
  requestedAt: 0,
  billedFrom: 0,
  readyAt: 0,
  refused: false,
  phase: "ready",
  diesAt: null,
  busyUntil: 0,
  gone: false,
});

/** Seconds that a node is billed for if it is gone at `now`. */
export const billed = (node: Node, now: Seconds): Seconds =>
  now <= node.billedFrom ? 0 : Math.max(MINIMUM_BILLED, now - node.billedFrom);
