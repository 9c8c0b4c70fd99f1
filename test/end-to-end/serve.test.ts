import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../../sandbox/clouds/eks-node-group.ts";
import type { MetricStore } from "../../sandbox/fleet/metrics.ts";
import { startSandboxPrometheus } from "../../sandbox/prometheus.ts";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { openSqliteMemory } from "../../shared/memory/sqlite-file.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { Sample } from "../../shared/model/series.ts";
import { NOBODY } from "../support/dynalite.ts";
import { type ServeProcess, startServeProcess } from "../support/serve-process.ts";
import { startWithholdingProxy, type WithholdingProxy } from "../support/withholding-proxy.ts";
import { eventually, TEST_TIMEOUT_MS } from "./eventually.ts";

const WORKLOAD = "worker-llm";
const ALERT_TOKEN = "a".repeat(40);
const INVOKE_TOKEN = "i".repeat(40);
/** A queue that `sandbox/policy.yaml` calls long, and one that it lets be. */
const LONG_QUEUE = 140;
const SOME_QUEUE = 20;

/** A Prometheus's data in which everything has been as it is for an hour. */
function steadyStore() {
  const now: Record<string, number> = {
    llm_queue_length: SOME_QUEUE,
    DCGM_FI_DEV_GPU_UTIL: 95,
    "vramp:vram_free:ratio": 0.5,
  };
  const store: MetricStore = {
    record() {},
    series(name) {
      const value = now[name];
      if (value === undefined) return [];
      const last = Math.floor(systemClock());
      const samples = Array.from({ length: 720 }, (_, i): Sample => [last - (719 - i) * 5, value]);
      return [{ name, labels: { workload: WORKLOAD }, samples }];
    },
  };
  return { store, setQueue: (tasks: number) => Object.assign(now, { llm_queue_length: tasks }) };
}

describe("vramp serve", { timeout: TEST_TIMEOUT_MS }, () => {
  let world: AsyncDisposableStack;
  let folder: string;
  let policy: string;
  let aws: Aws;
  let network: WithholdingProxy;
  let nodeGroup: NodeGroup;
  let setQueue: (tasks: number) => void;

  beforeEach(async () => {
    world = new AsyncDisposableStack();
    const keep = <T extends { stop(): Promise<void> }>(it: T): T => world.adopt(it, (each) => each.stop());
    folder = world.adopt(await mkdtemp(join(tmpdir(), "vramp-serve-")), (it) => rm(it, { recursive: true }));
    aws = keep(await startAws({ now: systemClock }));
    network = keep(await startWithholdingProxy(aws.url));
    nodeGroup = aws.eks.createNodegroup({
      region: "eu-central-1",
      cluster: "prod",
      name: "llm-a100",
      scaling: { minSize: 0, maxSize: 6, desiredSize: 1 },
    });
    const steady = steadyStore();
    setQueue = steady.setQueue;
    const prometheus = keep(await startSandboxPrometheus(steady.store, systemClock));
    const text = await readFile("sandbox/policy.yaml", "utf8");
    policy = text.replace("http://127.0.0.1:9090", prometheus.url);
    await Promise.all([
      writeFile(join(folder, "policy.yaml"), policy),
      writeFile(join(folder, "alert-tokens"), `${ALERT_TOKEN}\n`, { mode: 0o600 }),
      writeFile(join(folder, "invoke-tokens"), `${INVOKE_TOKEN}\n`, { mode: 0o600 }),
    ]);
  }, TEST_TIMEOUT_MS);
  afterEach(() => world.disposeAsync());

  const TOKENS = ["--alert-tokens", "alert-tokens", "--invoke-tokens", "invoke-tokens"];
  function start(args: readonly string[] = TOKENS): ServeProcess {
    const started = startServeProcess({
      args: ["--policy", "policy.yaml", "--memory", "memory.db", "--listen", "127.0.0.1:0", "--secrets", ".", ...args],
      folder,
      env: {
        AWS_ENDPOINT_URL: network.url,
        AWS_ACCESS_KEY_ID: NOBODY.accessKeyId,
        AWS_SECRET_ACCESS_KEY: NOBODY.secretAccessKey,
      },
    });
    return world.adopt(started, (it) => it.stop());
  }

  /** Starts it and waits until it has looked for the first time; gives its address too. */
  async function started(): Promise<{ readonly vramp: ServeProcess; readonly url: string }> {
    const vramp = start();
    await eventually(`vramp has looked; so far it says ${vramp.stderr()}`, () => decisions(vramp).length > 0);
    const url = vramp.logs().find(({ message }) => message === "serving")?.url;
    return { vramp, url: String(url) };
  }

  const decisions = (vramp: ServeProcess) => vramp.logs().filter(({ message }) => message === "decided");

  async function post(url: string, body: string, token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body })).status;
  }
  async function postAlert(url: string): Promise<number> {
    return post(`${url}/alerts`, await readFile("examples/alerts/queue-firing.json", "utf8"), ALERT_TOKEN);
  }

  /** The sizes that updates with an effect have set, oldest first. */
  const sizesSet = () => nodeGroup.updates.map(({ request }) => JSON.parse(request).scalingConfig.desiredSize);

  /** What a process that is gone has left in the file, read without becoming its next user. */
  function openIntents(): number {
    const db = new DatabaseSync(join(folder, "memory.db"), { readOnly: true });
    const row = db.prepare("SELECT json_array_length(value, '$.intents') AS intents FROM memories").get();
    db.close();
    return Number(row?.intents);
  }

  async function audit() {
    const store = openSqliteMemory(join(folder, "memory.db"));
    const events = (await store.memory.history(WORKLOAD, 1000)).toReversed();
    store.close();
    return events;
  }

  test("an alert comes in and a resize goes out; told to stop, it ends well and remembers", async () => {
    const { vramp, url } = await started();
    expect(sizesSet()).toEqual([]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    setQueue(LONG_QUEUE);
    expect(await post(`${url}/alerts`, "{}", INVOKE_TOKEN)).toBe(401);
    expect(await post(`${url}/invoke`, "{}", ALERT_TOKEN)).toBe(401);
    expect(await postAlert(url)).toBe(202);
    await eventually("EKS is asked for 3 nodes", () => nodeGroup.group.bounds.desired === 3);
    await eventually("it has looked because of the alert", () => decisions(vramp).some((d) => d.trigger === "alert"));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^vramp_wakes_sent_total\{reason="alert"\} 1$/m);

    vramp.signal("SIGTERM");
    expect(await vramp.ended).toBe(0);
    expect(vramp.logs().map(({ message }) => message)).toContain("stopped");
    expect(sizesSet()).toEqual([3]);
    const events = await audit();
    expect(verifyChain(events)).toBeNull();
    expect(events.find(({ type }) => type === "dev.vramp.acted")).toMatchObject({ data: { from: 1, to: 3 } });
  });

  test("killed before it hears that EKS did as asked, it finds out by reading and does not ask again [F67]", async () => {
    const first = await started();
    network.withhold(/update-config$/);
    setQueue(LONG_QUEUE);
    expect(await postAlert(first.url)).toBe(202);
    await eventually("EKS has done as asked, and its answer is lost", () => network.withheld() > 0);
    first.vramp.signal("SIGKILL");
    await first.vramp.ended;
    expect(sizesSet()).toEqual([3]);
    expect(openIntents()).toBe(1);

    network.withhold(null);
    const { vramp, url } = await started();
    expect(openIntents()).toBe(0);
    const looks = decisions(vramp).length;
    expect(await post(`${url}/invoke`, `{"action": "reconcile", "workload": "${WORKLOAD}"}`, INVOKE_TOKEN)).toBe(200);
    await eventually("it looks once more", () => decisions(vramp).length > looks);
    vramp.signal("SIGTERM");
    expect(await vramp.ended).toBe(0);

    expect(sizesSet()).toEqual([3]);
    const events = await audit();
    expect(verifyChain(events)).toBeNull();
    expect(events.filter(({ type }) => type === "dev.vramp.resolved")).toMatchObject([
      { data: { from: 1, to: 3, resolution: "the outcome was not heard; the pool shows that the call took effect" } },
    ]);
  });

  test("takes a changed policy when told to, and keeps the last good one [F72]", async () => {
    const { vramp, url } = await started();
    await writeFile(join(folder, "policy.yaml"), policy.replace("nodes: { min: 1", "nodes: { min: 2"));
    vramp.signal("SIGHUP");
    await eventually("the new policy is in force", () =>
      vramp.logs().some(({ message }) => message === "policy in force"),
    );
    await writeFile(join(folder, "policy.yaml"), "version: 1\n");
    vramp.signal("SIGHUP");
    await eventually("the bad one is refused", () => vramp.stderr().includes("the last good one stays in force"));
    expect(await post(`${url}/invoke`, `{"action": "reconcile", "workload": "${WORKLOAD}"}`, INVOKE_TOKEN)).toBe(200);
    await eventually("the new minimum holds", () => nodeGroup.group.bounds.desired === 2);
  });

  test("refuses to start where it could do harm, and says why", async () => {
    await started();
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(/the memory file memory\.db is in use by process \d+ on /);

    const open = start(["--listen", "0.0.0.0:0", "--memory", "other.db", "--alert-tokens", "alert-tokens"]);
    expect(await open.ended).toBe(1);
    expect(open.stderr()).toMatch(/other machines can reach 0\.0\.0\.0, so \/alerts and \/invoke need tokens/);
  });
});
