import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SlackEmulator, startSlack } from "../../sandbox/clouds/slack.ts";
import { startServe } from "./serve.ts";

const PATH = "/services/T1/B1/canary-webhook";
const POLICY = [
  "version: 1",
  "fleet: test",
  "workloads: {}",
  "notify: [{ slack: { webhookUrlSecret: vramp-slack }, on: [failed] }]",
].join("\n");

let folder: string;
let slack: SlackEmulator;
beforeEach(async () => {
  slack = await startSlack(PATH);
  folder = mkdtempSync(join(tmpdir(), "vramp-serve-notify-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  writeFileSync(join(folder, "vramp-slack"), `https://hooks.slack.com${PATH}\n`);
  vi.stubEnv("VRAMP_SLACK_ENDPOINT", slack.url);
  vi.stubEnv("POWERTOOLS_DEV", "true"); // logs by way of `console`
  for (const method of ["info", "warn", "error"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await slack.stop();
  rmSync(folder, { recursive: true });
});

it("tells people that a changed policy was refused, with where and why, and goes on with the last good one", async () => {
  const serving = await startServe({
    policyFile: join(folder, "policy.yaml"),
    memoryFile: join(folder, "memory.db"),
    address: { host: "127.0.0.1", port: 0 },
    secretsFolder: folder,
    tokens: { alerts: "missing", invoke: null },
  });
  writeFileSync(join(folder, "policy.yaml"), `${POLICY}\nnoSuchKey: 1\n`);
  await serving.reload();
  await vi.waitFor(() => expect(slack.posted).toHaveLength(1), 20_000);
  await serving.stop(0);

  expect(slack.posted[0]?.text).toBe("[test] failed: the changed policy was refused");
  const shown = slack.posted[0]?.blocks?.map(({ text }) => text.text).join("\n");
  expect(shown).toMatch(/Why: PolicyInvalid: .*policy\.yaml:5: .*noSuchKey/);
  expect(shown).toContain("More: vramp validate");
});
