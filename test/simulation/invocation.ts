import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { Deployed } from "./blueprint.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Fault, Swarm } from "./swarm.ts";

/** The process is gone. Nothing that it still does reaches anything. */
export class Crash extends Error {
  override readonly name = "Crash";
}
/** One for all: a trace to each would cost more than the rest of a seed. */
const CRASH = new Crash("the process is gone");

/** How a service fails, in the words of its adapter. */
export interface Wire {
  /** Seconds an answer takes, shortest and longest. */
  readonly latency: readonly [Seconds, Seconds];
  /** Seconds after which the adapter itself gives up; `null` where it leaves that to the caller's signal. */
  readonly patience: Seconds | null;
  readonly throttled: () => Error;
  readonly unavailable: (why: string) => Error;
}

/** One run of one function: it lives, calls, and may end at any of its calls. */
export interface Invocation {
  readonly id: string;
  /** True time of its begin. */
  readonly began: EpochSeconds;
  /** The policy that was deployed when it began. */
  readonly inForce: Deployed;
  readonly alive: boolean;
  /** What this run takes for the time. */
  clock(): EpochSeconds;
  /** One call over a wire: `effect` is what it does there, carried out once, late, or never. */
  call<T>(wire: Wire, effect: () => T | Promise<T>, abort?: AbortSignal): Promise<T>;
}

/** What came of a run. `crashed`: whoever called it heard nothing. */
export type Ending<T> =
  | { readonly kind: "returned"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "crashed" };

export interface Host {
  readonly scheduler: Scheduler;
  readonly swarm: Swarm;
  readonly random: Random;
  readonly inForce: () => Deployed;
  /** Tells the log that something went wrong. */
  readonly note: (text: string) => void;
}

/** Seconds after which a call that hung may still land. */
const LATE: Seconds = 30;
/** The most a clock is wrong, seconds. Beyond a minute the metric source's clock gives it away. */
const SMALL_JUMP: Seconds = 50;
const LARGE_JUMP: Seconds = 240;

class Run implements Invocation {
  readonly id: string;
  readonly began: EpochSeconds;
  readonly inForce: Deployed;
  readonly #host: Host;
  #alive = true;
  #skew: Seconds = 0;
  #onDeath: () => void = () => {};

  constructor(id: string, host: Host) {
    this.id = id;
    this.#host = host;
    this.began = host.scheduler.now;
    this.inForce = host.inForce();
    if (host.swarm.strikes("clockJump")) this.#jump();
  }

  get alive(): boolean {
    return this.#alive;
  }

  clock(): EpochSeconds {
    return this.#host.scheduler.now + this.#skew;
  }

  onDeath(work: () => void): void {
    this.#onDeath = work;
  }

  end(): void {
    this.#alive = false;
  }

  die(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#host.note(`${this.id} dies: ${why}`);
    this.#onDeath();
  }

  #jump(): void {
    const most = this.#host.random.chance(0.2) ? LARGE_JUMP : SMALL_JUMP;
    this.#skew = this.#host.random.between(-most, most);
    this.#host.note(`${this.id}: its clock is ${this.#skew.toFixed(0)} s off`);
  }

  #strikes(fault: Fault): boolean {
    return this.#host.swarm.strikes(fault);
  }

  call<T>(wire: Wire, effect: () => T | Promise<T>, abort?: AbortSignal): Promise<T> {
    const { scheduler, random } = this.#host;
    if (this.#alive && this.#strikes("crash")) this.die("crash before a call");
    if (!this.#alive) return Promise.reject(CRASH);
    // A clock that is to jump in the middle of a run does so rarely: once in many calls.
    if (random.chance(0.05) && this.#strikes("clockJump")) this.#jump();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = (settle: () => void) => (this.#alive ? settle() : reject(CRASH));
    const giveUp = () => answer(() => reject(wire.unavailable("no answer in time")));
    abort?.addEventListener("abort", giveUp, { once: true });
    const [shortest, longest] = wire.latency;
    const latency = random.between(shortest, longest);
    if (this.#strikes("hang")) {
      if (random.chance(0.5)) scheduler.after(random.between(0, LATE), () => void attempt(effect));
      if (wire.patience !== null) scheduler.after(wire.patience, giveUp);
      return promise;
    }
    scheduler.after(latency, () => {
      if (this.#strikes("throttle")) return answer(() => reject(wire.throttled()));
      if (this.#strikes("unavailable")) return answer(() => reject(wire.unavailable("connection refused")));
      const outcome = attempt(effect);
      if (this.#alive && this.#strikes("crash")) this.die("crash after a call");
      if (this.#strikes("lostReply")) return answer(() => reject(wire.unavailable("connection reset")));
      answer(() => ("error" in outcome ? reject(outcome.error) : resolve(outcome.value)));
    });
    return promise;
  }
}

function attempt<T>(effect: () => T | Promise<T>): { readonly value: T | Promise<T> } | { readonly error: unknown } {
  try {
    const value = effect();
    // A failure that nobody hears of, because the answer is lost, is none of the process's.
    if (value instanceof Promise) value.catch(() => {});
    return { value };
  } catch (error) {
    return { error };
  }
}

/**
 * Starts one run of a function. `timeout` ends it hard, as Lambda does. `ended` hears once what came of it; of a run that
 * died it hears at the moment of its death.
 */
export function startInvocation<T>(
  id: string,
  host: Host,
  timeout: Seconds,
  handler: (invocation: Invocation) => Promise<T>,
  ended: (ending: Ending<T>, invocation: Invocation) => void,
): void {
  const run = new Run(id, host);
  let told = false;
  const tell = (ending: Ending<T>) => {
    if (told) return;
    told = true;
    run.end();
    ended(ending, run);
  };
  run.onDeath(() => tell({ kind: "crashed" }));
  host.scheduler.after(timeout, () => run.die("it took too long"));
  handler(run).then(
    (value) => tell({ kind: "returned", value }),
    (error: unknown) => tell({ kind: "threw", error }),
  );
}
