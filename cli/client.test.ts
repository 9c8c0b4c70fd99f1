import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandboxClock } from "../sandbox/clock.ts";
import { type System, startSystem } from "../sandbox/system.ts";
import { loadPolicy } from "../shared/policy/load.ts";

let system: System;

beforeAll(async () => {
  const file = "sandbox/policy.yaml";
  const policy = loadPolicy(await readFile(file, "utf8"), file);
  if (!policy.ok) throw new Error("the sandbox's policy is invalid");
  const nothing = () => {};
  system = await startSystem({
    // Observing, so that what an operator asks for stays pending.
    policy: { ...policy, policy: { ...policy.policy, mode: "observe" } },
    clock: createSandboxClock(60),
    port: 0,
    demand: () => 0.6,
    onDelivered: nothing,
    onReconciled: nothing,
  });
});
afterAll(() => system.stop());

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real CLI against the sandbox. */
function vramp(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const at = { VRAMP_ENDPOINT: system.url, VRAMP_TOKEN: system.token, NO_COLOR: "1", ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, ["cli/vramp.ts", ...args], { env: { ...process.env, ...at } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

describe("a running vramp", () => {
  it("status shows every pool in a line", async () => {
    const { code, stdout } = await vramp(["status"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sandbox: 1 workloads, 1 nodes asked for, 1 ready$/m);
    expect(stdout).toMatch(/^worker-llm +llm-a100 +on-demand +1 +1 +1-6 +active/m);
  });

  it("explain shows the stages, the conditions and what would change the size", async () => {
    const { code, stdout } = await vramp(["explain", "worker-llm"]);
    expect(code).toBe(0);
    for (const part of [
      "Stages, in order of precedence:",
      "effectiveness",
      "queue above 50 for 2m",
      "What would change it:",
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it("plan ends 0 when there is nothing to do, and 2 when there is [T33]", async () => {
    expect(await vramp(["plan"])).toMatchObject({ code: 0, stdout: expect.stringContaining("No changes.") });
    const held = await vramp(["hold", "worker-llm", "--nodes", "2", "--for", "1h", "--reason", "test"]);
    expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining("held at 2 nodes until") });
    const pending = await vramp(["plan", "worker-llm"]);
    expect(pending).toMatchObject({ code: 2, stdout: expect.stringContaining("~ llm-a100: 1 → 2 (waits: Observing)") });
    const { stdout } = await vramp(["status", "--output", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ workloads: [{ overrides: [{ kind: "hold", nodes: 2 }] }] });
    await vramp(["resume", "worker-llm", "--reason", "test"]);
    expect((await vramp(["plan"])).code).toBe(0);
  });

  it.each([
    [["explain", "nope"], "no workload nope"],
    [["hold", "worker-llm", "--nodes", "9", "--for", "1h", "--reason", "x"], "nodes.max"],
    [["hold", "worker-llm", "--nodes", "two", "--for", "1h", "--reason", "x"], "whole number"],
    [["pause", "worker-llm", "--for", "1h"], "--reason"],
    [["invoke", "{"], "not a JSON object"],
  ])("%j is refused with what is wrong", async (args, text) => {
    const { code, stderr, stdout } = await vramp(args);
    expect(code).toBe(1);
    expect(stderr).toContain(text);
    expect(stdout).toBe("");
  });

  it("says so when the token is wrong or nobody answers", async () => {
    expect((await vramp(["status"], { VRAMP_TOKEN: "x" })).stderr).toContain("refused the token");
    expect((await vramp(["status"], { VRAMP_ENDPOINT: "http://127.0.0.1:9" })).stderr).toContain("no vramp answers");
  });
});
