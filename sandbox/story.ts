import { type EpochSeconds, formatDuration, type Seconds } from "../shared/policy/units.ts";
import type { Outcome } from "../shared/reconcile/reconcile.ts";
import type { Delivered } from "./alert-source.ts";
import type { Beginning } from "./pools/pool.ts";
import type { System } from "./system.ts";

/** One run of vramp for one workload, and what woke it. */
export interface Reconciled {
  readonly outcome: Outcome;
  readonly cause: string;
}

/** What has happened so far, as a story looks at it. */
export interface Happened {
  readonly system: System;
  readonly now: EpochSeconds;
  /** When the present step began. */
  readonly since: EpochSeconds;
  readonly delivered: readonly Delivered[];
  readonly reconciled: readonly Reconciled[];
}

/** One thing that must happen, in order. */
export interface Step {
  readonly expected: string;
  /** Seconds of the sandbox's clock after the step before. */
  readonly within: Seconds;
  /** What others than vramp do as the step begins. */
  readonly act?: (happened: Happened) => void | Promise<void>;
  /** Its lines once it has happened, null before. */
  readonly look: (happened: Happened) => readonly string[] | null;
}

/** What a story shows, and what is wrong if the logs do not bear it out. */
export interface Claim {
  readonly says: string;
  /** Null when it is so. */
  readonly wrong: string | null;
}

/** A run of the sandbox from its first beat to its proof. Made anew for each run, because it may keep what it has seen. */
export interface Story {
  /** The policy's file. */
  readonly policy: URL;
  /** The workload that the sandbox's hints for poking speak of. */
  readonly workload: string;
  readonly demand: (elapsed: Seconds, workload: string) => number;
  readonly beginnings?: Readonly<Record<string, Beginning>>;
  /** When the sandbox's clock starts; the real time when absent. */
  readonly start?: EpochSeconds;
  readonly steps: readonly Step[];
  /** Looks at every beat, for what must hold all the time. */
  readonly watch?: (happened: Happened) => void;
  /** What the clouds' own logs and states must show in the end. */
  readonly proof?: (happened: Happened) => readonly Claim[];
}

/** How a story ended: `missing` is what did not happen, or is not borne out. */
export interface Ending {
  readonly took: Seconds;
  readonly missing: readonly string[];
}

export const clockTime = (at: EpochSeconds): string => new Date(at * 1000).toISOString().slice(11, 19);

const indented = (text: string): string => `${" ".repeat(10)}${text}`;

/** Follows a story as the sandbox's clock moves on, and says what happens. */
export function createTeller(story: Story, say: (line: string) => void) {
  const delivered: Delivered[] = [];
  const reconciled: Reconciled[] = [];
  const ended = Promise.withResolvers<Ending>();
  let step = 0;
  let since: EpochSeconds | null = null;
  let over = false;

  function end(system: System, missing: readonly string[]): void {
    over = true;
    ended.resolve({ took: system.now() - system.startedAt, missing });
  }

  function prove(happened: Happened): void {
    const claims = story.proof?.(happened) ?? [];
    if (claims.length > 0) say("");
    for (const { says, wrong } of claims)
      say(indented(wrong === null ? `proved: ${says}` : `NOT SO: ${says}: ${wrong}`));
    end(
      happened.system,
      claims.flatMap(({ says, wrong }) => (wrong === null ? [] : [`${says}: ${wrong}`])),
    );
  }

  return {
    ended: ended.promise,
    onDelivered: (it: Delivered) => void delivered.push(it),
    onReconciled: (outcome: Outcome, cause: string) => void reconciled.push({ outcome, cause }),
    async onBeat(system: System): Promise<void> {
      const now = system.now();
      const happened = (): Happened => ({ system, now, since: since ?? now, delivered, reconciled });
      if (over) return;
      story.watch?.(happened());
      for (let current = story.steps[step]; current !== undefined; current = story.steps[step]) {
        if (since === null) {
          since = now;
          await current.act?.(happened());
        }
        const lines = current.look(happened());
        if (lines === null) {
          if (now - since >= current.within)
            end(system, [`${current.expected} (waited ${formatDuration(current.within)})`]);
          return;
        }
        for (const [i, line] of lines.entries()) say(i === 0 ? `${clockTime(now)}  ${line}` : line);
        step += 1;
        since = null;
      }
      prove(happened());
    },
  };
}
