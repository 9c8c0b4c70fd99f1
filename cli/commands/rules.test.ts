import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { UserError } from "../output.ts";
import { register } from "./rules.ts";

const POLICY = join("examples", "fleet", "policy.yaml");
let folder = "";
let out = "";
let err = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-rules-command-"));
  [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function rules(...args: string[]): Promise<void> {
  const program = new Command("vramp");
  register(program.command("rules"));
  await program.parseAsync(["rules", ...args], { from: "user" });
}

test("prints the rules and the Alertmanager configuration as two YAML documents", async () => {
  await rules("--policy", POLICY);

  const [prometheus, alertmanager, ...more] = parseAllDocuments(out).map((document) => document.toJS());
  expect(prometheus.groups.map((group: { name: string }) => group.name)).toEqual([
    "vramp-recording",
    "vramp-worker-llm",
    "vramp-embedding",
    "vramp-chat",
  ]);
  expect(alertmanager.receivers[1].webhook_configs[0].url).toBe("http://127.0.0.1:8787/alerts");
  expect(more).toEqual([]);
  expect(err).toBe(
    "no alert for trainQueue of worker-rl: the signal does not come from Prometheus; the tick looks at it every minute\n",
  );
});

test("writes both files, of one workload only, where it is told to", async () => {
  const target = join(folder, "monitoring", "vramp");

  await rules("--policy", POLICY, "--workload", "embedding", "--out", target, "--credentials-file", "/run/token");

  expect(out).toBe("");
  expect(readdirSync(target).toSorted()).toEqual(["vramp.alertmanager.yml", "vramp.rules.yml"]);
  expect(readFileSync(join(target, "vramp.rules.yml"), "utf8")).not.toContain("worker-llm");
  expect(readFileSync(join(target, "vramp.alertmanager.yml"), "utf8")).toContain("credentials_file: /run/token");
});

test("warns when the token would travel unencrypted, but not on this machine", async () => {
  await rules("--policy", POLICY, "--workload", "embedding", "--receiver-url", "http://vramp.example.com/alerts");
  expect(err).toContain("is not encrypted");
});

test.each([
  [["--policy", POLICY, "--workload", "nobody"], 'no workload "nobody"; it has worker-llm'],
  [["--policy", POLICY, "--receiver-url", "nowhere"], '"nowhere" is no http or https URL'],
  [["--policy", "no-such-policy.yaml"], "there is no such file"],
  [["--policy", POLICY, "--out", join(POLICY, "under-a-file")], "cannot write to"],
])("%j is refused with a message, and nothing is printed", async (args, message) => {
  const refusal = rules(...args);

  await expect(refusal).rejects.toThrow(UserError);
  await expect(refusal).rejects.toThrow(message);
  expect(out).toBe("");
});
