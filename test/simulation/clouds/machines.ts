import type { NodeState } from "../../../shared/model/pool.ts";
import type { EpochSeconds, Seconds } from "../../../shared/policy/units.ts";
import type { Random } from "../random.ts";

interface Machine {
  readonly id: string;
  readonly readyAt: EpochSeconds;
  /** When the cloud takes it back; null without a notice. */
  goesAt: EpochSeconds | null;
}

/** From launch to ready, shortest and longest: minutes in life; shorter here, so that more happens. */
const BOOT = { from: 20, to: 150 } as const;

/** The machines behind one pool: they are launched, boot, serve, and are taken back, whoever governs their number. */
export class Machines {
  readonly #name: string;
  readonly #random: Random;
  #list: Machine[] = [];
  #made = 0;
  /** As many as the cloud has to give. */
  stock = Number.POSITIVE_INFINITY;
  /** When a launch last failed for want of capacity. */
  shortageAt: EpochSeconds | null = null;

  constructor(name: string, count: number, now: EpochSeconds, random: Random) {
    this.#name = name;
    this.#random = random;
    for (let i = 0; i < count; i += 1) this.#launch(now);
  }

  get count(): number {
    return this.#list.length;
  }
  get ids(): readonly string[] {
    return this.#list.map((m) => m.id);
  }

  #launch(readyAt: EpochSeconds): void {
    this.#made += 1;
    this.#list.push({ id: `sim:///${this.#name}/${this.#made}`, readyAt, goesAt: null });
  }

  /** Takes away what is due to go. How many went. */
  leave(now: EpochSeconds): number {
    const before = this.#list.length;
    this.#list = this.#list.filter((m) => m.goesAt === null || m.goesAt > now);
    return before - this.#list.length;
  }

  /** Launches what is missing, as far as there is stock, and ends what is too much, by lot as every cloud does. */
  follow(wanted: number, now: EpochSeconds): void {
    while (this.#list.length > wanted) this.#list.splice(this.#random.whole(0, this.#list.length - 1), 1);
    while (this.#list.length < Math.min(wanted, this.stock))
      this.#launch(now + this.#random.between(BOOT.from, BOOT.to));
    if (this.#list.length < wanted) this.shortageAt = now;
  }

  /** Ends the machines of these ids; how many there were. */
  end(ids: readonly string[]): number {
    const before = this.#list.length;
    this.#list = this.#list.filter((m) => !ids.includes(m.id));
    return before - this.#list.length;
  }

  /** The cloud wants this share of its machines back, after so much notice. */
  reclaim(share: number, notice: Seconds, now: EpochSeconds): void {
    for (const machine of this.#list) if (this.#random.chance(share)) machine.goesAt ??= now + notice;
  }

  states(now: EpochSeconds): readonly NodeState[] {
    return this.#list.map(({ id, readyAt, goesAt }) => ({ id, ready: readyAt <= now, noticed: goesAt !== null }));
  }

  ready(now: EpochSeconds): number {
    return this.#list.filter((m) => m.readyAt <= now).length;
  }
}
