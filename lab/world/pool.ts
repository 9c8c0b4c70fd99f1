import type { Seconds } from "../../shared/policy/units.ts";
import type { PoolSight } from "./controller.ts";
import { billed, type Node } from "./node.ts";
import { RETRY, type WorldPool } from "./options.ts";
import type { Work } from "./work.ts";

/** What a pool came to. */
export interface PoolTally {
  readonly pool: WorldPool;
  /** Seconds billed, over all nodes that have gone. */
  readonly billed: Seconds;
  readonly failedLaunches: number;
}

/** A new node, granted or refused. */
export type Launch = (now: Seconds) => Node;

/** What happened in a pool at one step that a controller is woken by. */
export interface Events {
  readonly noticed: boolean;
  readonly refused: boolean;
}

const living = (node: Node): boolean => node.phase !== "draining" && !node.refused;

/** The order in which a pool that shrinks gives up nodes, unless they are named: the least useful first. */
function usefulness(node: Node, work: Work, now: Seconds): number {
  if (node.phase === "requested") return 0;
  if (node.diesAt !== null) return 1;
  if (node.phase === "booting") return 2;
  return work.idle(node, now) ? 3 : 4;
}

/** One node pool as its cloud keeps it. */
export class CloudPool {
  readonly pool: WorldPool;
  readonly #work: Work;
  #nodes: Node[];
  #desired: number;
  #updatingUntil: Seconds = Number.NEGATIVE_INFINITY;
  #triedAt: Seconds = Number.NEGATIVE_INFINITY;
  #capacityError: Seconds | null = null;
  #billed: Seconds = 0;
  #failedLaunches = 0;

  constructor(pool: WorldPool, work: Work, initial: Node[]) {
    this.pool = pool;
    this.#work = work;
    this.#nodes = initial;
    this.#desired = initial.length;
  }

  get desired(): number {
    return this.#desired;
  }

  /** Nodes that use up capacity: requested, on their way out or anything between. */
  get holding(): number {
    let count = 0;
    for (const node of this.#nodes) if (!node.refused) count += 1;
    return count;
  }

  updating(now: Seconds): boolean {
    return now < this.#updatingUntil;
  }

  /** Nodes that may take work at `now`. */
  serving(now: Seconds, ends: Seconds): Node[] {
    return this.#nodes.filter((node) => node.phase === "ready" && (node.diesAt === null || now < node.diesAt - ends));
  }

  /** Takes a new size. Named nodes go first when it shrinks. */
  resize(nodes: number, named: readonly string[], now: Seconds, inFlight: Seconds): void {
    // The cloud tries at once for what is new, and then each minute.
    if (nodes > this.#desired) this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#desired = nodes;
    this.#updatingUntil = now + inFlight;
    const over = this.#nodes.filter(living).length - nodes;
    if (over <= 0) return;
    const rank = (node: Node): number => (named.includes(node.id) ? -1 : usefulness(node, this.#work, now));
    const order = this.#nodes
      .filter(living)
      .toReversed()
      .toSorted((a, b) => rank(a) - rank(b));
    for (const node of order.slice(0, over)) node.phase = "draining";
  }

  /** What time has brought since the last step: refusals seen, nodes booted, notices, deaths. */
  advance(now: Seconds, capacity: number, notice: Seconds): Events {
    const refused = this.#settleRequests(now);
    for (const node of this.#nodes) if (node.phase === "booting" && node.readyAt <= now) node.phase = "ready";
    const noticed = this.#giveNotices(now, capacity, notice);
    this.#bury(now);
    return { noticed, refused };
  }

  #settleRequests(now: Seconds): boolean {
    let refused = 0;
    for (const node of this.#nodes) {
      if (node.phase !== "requested" || node.billedFrom > now) continue;
      if (node.refused) refused += 1;
      else node.phase = "booting";
    }
    if (refused === 0) return false;
    this.#failedLaunches += refused;
    this.#capacityError = now;
    this.#nodes = this.#nodes.filter((node) => !(node.refused && node.billedFrom <= now));
    return true;
  }

  /** The newest nodes over the capacity are told that they die; what is only requested is refused. */
  #giveNotices(now: Seconds, capacity: number, notice: Seconds): boolean {
    if (this.#nodes.length <= capacity) return false;
    const holders = this.#nodes.filter((node) => !node.refused && node.diesAt === null);
    let told = false;
    for (const node of holders.slice(capacity)) {
      if (node.phase === "requested") {
        node.refused = true;
        continue;
      }
      node.diesAt = now + notice;
      told = true;
    }
    return told;
  }

  #bury(now: Seconds): void {
    let gone = 0;
    for (const node of this.#nodes) {
      const died = node.diesAt !== null && node.diesAt <= now;
      const drained = node.phase === "draining" && this.#work.idle(node, now);
      if (!died && !drained) continue;
      this.#work.cutOff(node, now);
      this.#billed += billed(node, now);
      node.gone = true;
      gone += 1;
    }
    if (gone > 0) this.#nodes = this.#nodes.filter((node) => !node.gone);
  }

  /** Asks for what is missing, at most once a minute. */
  ask(now: Seconds, launch: Launch): void {
    let have = 0;
    for (const node of this.#nodes) if (node.phase !== "draining") have += 1;
    if (have >= this.#desired || now - this.#triedAt < RETRY) return;
    this.#triedAt = now;
    for (; have < this.#desired; have += 1) {
      this.#nodes.push(launch(now));
    }
  }

  sight(now: Seconds): PoolSight {
    return {
      name: this.pool.name,
      desired: this.#desired,
      nodes: this.#nodes.map((node) => ({
        id: node.id,
        phase: node.phase,
        noticed: node.diesAt !== null,
        busy: !this.#work.idle(node, now),
        requestedAt: node.requestedAt,
      })),
      updating: this.updating(now),
      capacityError: this.#capacityError,
    };
  }

  /** Closes the books: what still lives is billed until `now`. */
  tally(now: Seconds): PoolTally {
    const rest = this.#nodes.reduce((sum, node) => (node.refused ? sum : sum + billed(node, now)), 0);
    return { pool: this.pool, billed: this.#billed + rest, failedLaunches: this.#failedLaunches };
  }
}
