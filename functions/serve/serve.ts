// All functions in one process that lives on: its own queue, its own minute, memory in a file.
import { randomUUID } from "node:crypto";
import { setTimeout as sleepFor } from "node:timers/promises";
import type { Memory } from "../../shared/memory/memory.ts";
import { openSqliteMemory } from "../../shared/memory/sqlite-file.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import type { ReconcileDeps } from "../../shared/reconcile/deps.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { createPowertools } from "../../shared/telemetry/powertools.ts";
import { clean, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import { createInProcessQueue } from "../../shared/wake/in-process.ts";
import { liveTokens } from "../alerts/auth.ts";
import { createAlertsHandler } from "../alerts/handler.ts";
import { type Address, listenOn } from "../http/listen.ts";
import { HEALTH, httpListener, json, type Pages } from "../http/server.ts";
import { createInvokeHandler } from "../invoke/handler.ts";
import { outside } from "../outside.ts";
import { runFor } from "../reconcile/handler.ts";
import { lazySecrets } from "../secrets.ts";
import { tellingFor } from "../telling.ts";
import { createTickHandler } from "../tick/handler.ts";
import { createCounting } from "./counts.ts";
import { POLICY_CHECK, READY_TICK_AGE, STOP_WITHIN } from "./limits.ts";
import { everyMinute } from "./minutes.ts";
import { openPolicyFile } from "./policy-file.ts";
import { createSecretFiles } from "./secret-files.ts";
import { type AllTokens, type TokenNames, tokensFor } from "./tokens.ts";

export interface ServeOptions {
  readonly policyFile: string;
  readonly memoryFile: string;
  readonly address: Address;
  /** The folder that has the secrets; null: AWS Secrets Manager. */
  readonly secretsFolder: string | null;
  readonly tokens: TokenNames;
}

export interface Serving {
  readonly url: string;
  /** The token that was made for `invoke` in this run; null when it has one of its own. */
  readonly token: string | null;
  /** Reads the policy file again. */
  reload(): Promise<void>;
  /** Takes no more, lets runs end that end in time, and frees the memory file. What is cut off is settled after the next start. */
  stop(within?: Seconds): Promise<void>;
}

const messageOf = (error: unknown): string => clean(error instanceof Error ? error.message : String(error));

/** Why the process should get no work, a sentence each; empty when it should. */
async function troubles(lastTick: EpochSeconds, memory: Memory, fleet: string): Promise<readonly string[]> {
  const age = systemClock() - lastTick;
  const unremembered = await memory.spendingOf(fleet).then(
    () => [],
    (error: unknown) => [messageOf(error)],
  );
  return [...(age > READY_TICK_AGE ? [`the last tick was ${Math.round(age)} s ago`] : []), ...unremembered];
}

/** Tells now what requests would meet later. They are refused until it is mended; scaling needs no token. Never throws. */
async function warnOfTokens({ alerts, invoke }: AllTokens, telemetry: Telemetry): Promise<void> {
  for (const [path, { secrets, tokenSecret }] of Object.entries({ "/alerts": alerts, "/invoke": invoke }))
    await liveTokens(secrets, tokenSecret).catch((error: unknown) =>
      telemetry.error("requests are refused until their tokens can be read", { path, why: messageOf(error) }),
    );
}

/**
 * Starts everything; what was started before a failure is ended. Throws `Misconfigured`, `MemoryInUse` or another of the
 * memory's errors, or the error of a port that is taken.
 */
export async function startServe(options: ServeOptions): Promise<Serving> {
  const counting = createCounting(createPowertools());
  const { telemetry } = counting;
  const policyFile = await openPolicyFile(
    options.policyFile,
    telemetry,
    (problem) => void telling.ofRefusedPolicy(problem),
  );
  const secrets = options.secretsFolder === null ? lazySecrets() : createSecretFiles(options.secretsFolder);
  const tokens = tokensFor(options.tokens, options.address, secrets);

  await using started = new AsyncDisposableStack();
  const store = started.adopt(openSqliteMemory(options.memoryFile), (it) => it.close());
  const clock = systemClock;
  const deps: ReconcileDeps = {
    ...outside(policyFile.inForce().policy.fleet, secrets),
    policy: async () => policyFile.inForce(),
    memory: store.memory,
    telemetry,
    clock,
    stop: NO_STOP,
    newId: randomUUID,
  };
  const telling = tellingFor(deps, secrets);
  const queue = createInProcessQueue({
    now: clock,
    consume: async (wake) => {
      if (!(await runFor(wake, deps, telling.ofRun)))
        throw new Error(`the run for ${wake.workload} is worth another try`);
    },
  });
  const common = { policy: async () => policyFile.inForce().policy, queue, telemetry, clock };
  const tick = createTickHandler(common);
  const stopping = new AbortController();
  let lastTick: EpochSeconds = 0;

  const pages: Pages = {
    ...HEALTH,
    "/readyz": async () => {
      const problems = stopping.signal.aborted
        ? ["it is stopping"]
        : await troubles(lastTick, store.memory, policyFile.inForce().policy.fleet);
      return json(problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems });
    },
    "/metrics": async () => ({
      statusCode: 200,
      type: "text/plain; version=0.0.4",
      body: `${counting.exposition()}# TYPE vramp_last_tick_timestamp_seconds gauge\nvramp_last_tick_timestamp_seconds ${lastTick}\n`,
    }),
  };
  const handlers = {
    alerts: createAlertsHandler({ ...common, ...tokens.alerts }),
    invoke: createInvokeHandler({ ...deps, queue }),
  };
  const http = await listenOn(httpListener({ ...handlers, ...tokens.invoke }, pages), options.address);
  started.move(); // from here on `stop` ends it all
  telemetry.info("serving", { url: http.url, revision: policyFile.inForce().revision, memory: options.memoryFile });
  void warnOfTokens(tokens, telemetry);

  const ticking = everyMinute({
    clock,
    signal: stopping.signal,
    tick: async () => {
      try {
        await tick();
        lastTick = clock();
        await telling.again();
      } catch (error) {
        telemetry.error("the tick failed", { error: messageOf(error) });
      }
    },
  });
  const checking = setInterval(() => void policyFile.check(), POLICY_CHECK * 1000);

  return {
    url: http.url,
    token: tokens.made,
    reload: () => policyFile.reload(),
    async stop(within = STOP_WITHIN) {
      stopping.abort();
      clearInterval(checking);
      const late = new AbortController();
      const ended = await Promise.race([
        Promise.all([ticking, queue.stop()]).then(() => true),
        sleepFor(within * 1000, false, { signal: late.signal }).catch(() => false),
      ]);
      late.abort();
      await http.stop();
      // A run that goes on without the memory can note no intent, and so can ask nothing more of a cloud.
      store.close();
      if (ended) telemetry.info("stopped");
      else telemetry.warn("stopped with runs cut off; the next start settles what they asked for", { within });
    },
  };
}
