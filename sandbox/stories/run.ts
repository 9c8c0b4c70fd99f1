import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadPolicy } from "../../shared/policy/load.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { createSandboxClock } from "../clock.ts";
import { createTeller, type Ending, type Story } from "../story.ts";
import { type System, startSystem } from "../system.ts";

export interface RunOptions {
  readonly story: Story;
  /** How many times as fast as life; infinite for as fast as the machine can. */
  readonly speed: number;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly say: (line: string) => void;
}

/** A story that has begun. The system goes on after the story, until it is stopped. */
export interface Running {
  readonly system: System;
  /** Rejects if a part of the system breaks. */
  readonly ended: Promise<Ending>;
}

/** Starts the system for a story and tells it. */
export async function runStory({ story, speed, port, say }: RunOptions): Promise<Running> {
  const { ended, ...hears } = createTeller(story, say);
  const system = await startSystem({
    policy: await policyOf(story),
    clock: createSandboxClock(speed, story.start),
    port,
    demand: story.demand,
    ...(story.beginnings === undefined ? {} : { beginnings: story.beginnings }),
    ...hears,
  });
  const broken = system.broken.then(() => {
    throw new Error("the sandbox was stopped before its story ended");
  });
  return { system, ended: Promise.race([ended, broken]) };
}

async function policyOf({ policy }: Story): Promise<PolicyInForce> {
  const file = fileURLToPath(policy);
  const loaded = loadPolicy(await readFile(file, "utf8"), file);
  if (loaded.ok) return loaded;
  throw new Error(`its own policy is invalid: ${loaded.issues[0]?.message}`);
}
