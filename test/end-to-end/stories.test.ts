import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { createMetricStore } from "../../sandbox/fleet/metrics.ts";
import { startSandboxPrometheus } from "../../sandbox/prometheus.ts";
import { STORIES } from "../../sandbox/stories/index.ts";
import { runStory } from "../../sandbox/stories/run.ts";
import type { Ending, Story } from "../../sandbox/story.ts";
import { systemClock } from "../../shared/model/clock.ts";
import { TEST_TIMEOUT_MS } from "./eventually.ts";

/** Tells a story as fast as the machine can. Nothing in it depends on how fast that is: the sandbox's clock waits. */
async function told(story: Story): Promise<Ending & { readonly account: readonly string[] }> {
  const account: string[] = [];
  const { system, ended } = await runStory({
    story,
    speed: Number.POSITIVE_INFINITY,
    port: 0,
    say: (line) => void account.push(line),
  });
  try {
    return { ...(await ended), account };
  } finally {
    await system.stop();
  }
}

describe("npm start", { timeout: TEST_TIMEOUT_MS }, () => {
  it.each(Object.entries(STORIES))("shows the story %s, and the clouds' own logs bear it out", async (_, { make }) => {
    expect((await told(make())).missing).toEqual([]);
  });

  it("does not call a story shown whose logs say otherwise", async () => {
    const folder = await mkdtemp(join(tmpdir(), "vramp-story-"));
    const story = STORIES.busy?.make() ?? expect.fail("there is no story busy");
    const text = await readFile(story.policy, "utf8");
    const careless = join(folder, "policy.yaml");
    await writeFile(careless, text.replace(/scaleIn: .*/, "scaleIn: { interruptible: true }"));

    const { missing } = await told({ ...story, policy: pathToFileURL(careless) });

    expect(missing).toEqual([expect.stringContaining("the idle node is removed by name")]);
    await rm(folder, { recursive: true });
  });

  it("lists the stories when it is asked for one that there is not", async () => {
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, ["sandbox/start.ts", "--story", "spto"], (error, _, text) =>
        resolve({ code: error?.code, stderr: text }),
      );
    });
    expect(code).toBe(1);
    for (const text of ['there is no story "spto"', ...Object.keys(STORIES)]) expect(stderr).toContain(text);
  });
});

/** Runs, one after the other, with what `functions/runtime.ts` makes of the environment, until AKS has the nodes. */
const RUNS = `
  import { readFileSync } from "node:fs";
  import { outside } from "./functions/outside.ts";
  import { lazySecrets } from "./functions/secrets.ts";
  import { createInMemory } from "./shared/memory/in-memory.ts";
  import { systemClock } from "./shared/model/clock.ts";
  import { loadPolicy } from "./shared/policy/load.ts";
  import { reconcile } from "./shared/reconcile/reconcile.ts";
  import { NO_STOP } from "./shared/stop/stop.ts";
  import { SILENT } from "./shared/telemetry/telemetry.ts";

  const file = process.env.VRAMP_POLICY_FILE;
  const loaded = loadPolicy(readFileSync(file, "utf8"), file);
  const found = outside(loaded.policy.fleet, lazySecrets());
  const memory = createInMemory();
  const common = { policy: async () => loaded, memory, stop: NO_STOP, telemetry: SILENT, clock: systemClock };
  const deps = { ...found, ...common, newId: () => crypto.randomUUID() };
  const pool = loaded.policy.workloads["worker-llm"].pools.find(({ aks }) => aks !== undefined);
  for (let run = 0; run < 60; run += 1) {
    const at = systemClock();
    await reconcile({ workload: "worker-llm", trigger: "tick", cause: "tick", at, key: String(run) }, deps);
    const { ready } = await deps.pools.observe(pool, AbortSignal.timeout(10_000));
    if (ready === 2) process.exit(0);
    // EKS and GKE refuse a change while another is under way.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("AKS never had the nodes");
`;

describe("vramp in one process and the clouds in another", { timeout: TEST_TIMEOUT_MS }, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** A Prometheus that says that 100 tasks have waited for ten minutes. */
  async function busyPrometheus(): Promise<string> {
    const store = createMetricStore();
    const now = Math.floor(systemClock());
    // As far into the future as the test may last: the runs go by the real clock.
    for (let at = now - 600; at < now + TEST_TIMEOUT_MS / 1000; at += 15)
      store.record([{ name: "llm_queue_length", labels: { workload: "worker-llm" }, value: 100 }], at);
    const prometheus = await startSandboxPrometheus(store, systemClock);
    cleanups.push(prometheus.stop);
    return prometheus.url;
  }

  /** The emulators as a process of their own, and the environment that they print. */
  async function emulators(args: readonly string[]) {
    const child: ChildProcess = spawn(process.execPath, ["sandbox/emulators.ts", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanups.push(async () => child.kill("SIGKILL"));
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout ?? expect.fail("no output") });
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the emulators ended")));
      output.on("line", (line) => (line === "ready" ? resolve() : lines.push(line)));
    });
    const pairs = lines.splice(0).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
    return {
      environment: Object.fromEntries(pairs),
      /** Ends them, and gives what vramp asked them for. */
      async changes(): Promise<readonly unknown[]> {
        const closed = once(output, "close");
        child.kill("SIGTERM");
        await closed;
        return lines.map((line) => JSON.parse(line));
      },
    };
  }

  it("finds all three by its environment: plain HTTP, and TLS by NODE_EXTRA_CA_CERTS", async () => {
    const folder = await mkdtemp(join(tmpdir(), "vramp-elsewhere-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const story = STORIES["three-clouds"]?.make() ?? expect.fail("there is no story three-clouds");
    const policy = join(folder, "policy.yaml");
    const text = await readFile(story.policy, "utf8");
    await writeFile(policy, text.replace("http://127.0.0.1:9090", await busyPrometheus()));
    const clouds = await emulators([
      "--policy",
      policy,
      "--pace",
      "100ms",
      "--limit",
      "on-eks=0:capacity",
      "--limit",
      "on-gke=0:quota",
    ]);
    const env = { ...process.env, ...clouds.environment, VRAMP_POLICY_FILE: policy };

    const runs = await new Promise<string | null>((resolve) => {
      execFile(process.execPath, ["--input-type=module", "-e", RUNS], { env }, (error, _, stderr) =>
        resolve(error === null ? null : stderr),
      );
    });

    expect(runs).toBeNull();
    expect(await clouds.changes()).toEqual(
      expect.arrayContaining(
        ["on-eks", "on-gke", "on-aks"].map((pool) => expect.objectContaining({ pool, nodes: 2, accepted: true })),
      ),
    );
  });
});
