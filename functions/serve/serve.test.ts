import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openSqliteMemory } from "../../shared/memory/sqlite-file.ts";
import { hang, type ScriptedPrometheus, startScriptedPrometheus } from "../../test/support/scripted-prometheus.ts";
import { startServe } from "./serve.ts";

let folder: string;
let prometheus: ScriptedPrometheus;
let logged: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "vramp-serve-"));
  prometheus = await startScriptedPrometheus(Date.now() / 1000, [hang]);
  const policy = readFileSync("sandbox/policy.yaml", "utf8").replace("http://127.0.0.1:9090", prometheus.url);
  writeFileSync(join(folder, "policy.yaml"), policy);
  vi.stubEnv("POWERTOOLS_DEV", "true"); // logs by way of `console`, where a test can see them
  vi.stubEnv("AWS_ENDPOINT_URL", prometheus.url); // hangs as well
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  logged = [];
  for (const method of ["info", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation((text) => void logged.push(JSON.parse(String(text)).message));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await prometheus.stop();
  rmSync(folder, { recursive: true });
});

const options = () => ({
  policyFile: join(folder, "policy.yaml"),
  memoryFile: join(folder, "memory.db"),
  address: { host: "127.0.0.1", port: 0 },
  secretsFolder: folder,
  tokens: { alerts: "missing", invoke: null },
});

it("cuts off a run that does not end in time, and frees the memory file and the port", async () => {
  const serving = await startServe(options());
  await vi.waitFor(() => expect(prometheus.seen.length).toBeGreaterThan(0), 20_000);

  await serving.stop(0);

  expect(logged).toContain("stopped with runs cut off; the next start settles what they asked for");
  openSqliteMemory(options().memoryFile).close();
  await expect(fetch(`${serving.url}/healthz`)).rejects.toThrow();
});

it("frees the memory file when it cannot listen", async () => {
  const address = { host: "127.0.0.1", port: Number(new URL(prometheus.url).port) };
  await expect(startServe({ ...options(), address })).rejects.toMatchObject({ code: "EADDRINUSE" });
  openSqliteMemory(options().memoryFile).close();
});

it("refuses requests whose tokens it cannot read, and says so at the start; that keeps nothing from being scaled", async () => {
  const serving = await startServe(options());
  await vi.waitFor(() => expect(logged).toContain("requests are refused until their tokens can be read"), 20_000);
  const headers = { authorization: "Bearer missing" };
  expect((await fetch(`${serving.url}/alerts`, { method: "POST", headers, body: "{}" })).status).toBe(503);
  await vi.waitFor(() => expect(prometheus.seen.length).toBeGreaterThan(0), 20_000);
  await serving.stop(0);
});
