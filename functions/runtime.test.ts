import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { formatChecked } from "../shared/policy/checked.ts";
import { loadPolicy } from "../shared/policy/load.ts";
import { revisionOf } from "../shared/policy/revision.ts";

const CHECKS = "c0de";
const POLICY = "version: 1\nfleet: test\nholidays: { ics: de.ics, dates: [2027-01-01] }\nworkloads: {}\n";
const ICS = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261225", "END:VEVENT", "END:VCALENDAR"];

let folder: string;
let logged: string[];
beforeEach(() => {
  vi.resetModules(); // a runtime keeps what it has read for as long as its process lives
  folder = mkdtempSync(join(tmpdir(), "vramp-runtime-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  vi.stubEnv("VRAMP_POLICY_FILE", join(folder, "policy.yaml"));
  vi.stubEnv("VRAMP_TABLE", "memory");
  vi.stubEnv("VRAMP_STOP_PARAMETER", "/vramp/test/stop");
  vi.stubEnv("VRAMP_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/111122223333/wakes.fifo");
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("POWERTOOLS_DEV", "true"); // logs by way of `console`, where a test can see them
  logged = [];
  vi.spyOn(console, "warn").mockImplementation((text) => void logged.push(String(text)));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Puts a checked form beside the policy whose fleet has another name, so that it shows which of the two was taken. */
function placeChecked(checks: string, text = POLICY): void {
  const loaded = loadPolicy(POLICY, "policy.yaml");
  if (!loaded.ok) throw new Error("invalid");
  const policy = { ...loaded.policy, fleet: "checked" };
  const accepted = { policy, revision: revisionOf(policy) };
  writeFileSync(join(folder, "policy.checked.json"), formatChecked(accepted, text, checks));
}

async function fleetInForce(): Promise<string> {
  const { policy } = await import("./runtime.ts");
  return (await policy()).fleet;
}

/** What the function that decides has for a policy. */
async function decidedBy() {
  const { policyInForce } = await import("./runtime.ts");
  return policyInForce();
}

it("decides with the holidays of the file beside the policy", async () => {
  writeFileSync(join(folder, "de.ics"), ICS.join("\r\n"));
  expect((await decidedBy()).policy.holidays?.dates).toEqual(["2026-12-25", "2027-01-01"]);
  expect(logged).toEqual([]);
});

it("decides without a holiday file that cannot be read, and warns once [F56]", async () => {
  const { policyInForce: policy } = await import("./runtime.ts");
  for (let run = 0; run < 3; run += 1) expect((await policy()).policy.holidays?.dates).toEqual(["2027-01-01"]);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: "WARN",
      message: expect.stringContaining("de.ics gives no holidays"),
      why: expect.stringContaining("ENOENT"),
    },
  ]);
});

it("wakes without looking at the holiday file [F56]", async () => {
  expect(await fleetInForce()).toBe("test");
  expect(logged).toEqual([]);
});

it("takes the policy as the deployment checked it", async () => {
  vi.stubEnv("VRAMP_POLICY_CHECKS", CHECKS);
  placeChecked(CHECKS);
  expect(await fleetInForce()).toBe("checked");
});

it.each([
  ["other code checked", () => placeChecked("older")],
  ["was made from another text", () => placeChecked(CHECKS, `${POLICY}# more`)],
  ["is cut off", () => writeFileSync(join(folder, "policy.checked.json"), "{")],
  ["is not there", () => {}],
])("checks the policy itself when a checked form %s", async (_, place) => {
  vi.stubEnv("VRAMP_POLICY_CHECKS", CHECKS);
  place();
  expect(await fleetInForce()).toBe("test");
});

it("refuses an invalid policy, whatever was checked before", async () => {
  vi.stubEnv("VRAMP_POLICY_CHECKS", CHECKS);
  placeChecked(CHECKS);
  writeFileSync(join(folder, "policy.yaml"), POLICY.replace("version: 1", "version: 2"));
  await expect(fleetInForce()).rejects.toThrow(/the policy that was deployed is invalid.*policy\.yaml:1/);
});

it("logs under the name that the stack gives it", async () => {
  vi.stubEnv("VRAMP_SERVICE", "vramp-test");
  const { telemetry } = await import("./runtime.ts");
  telemetry.warn("said");
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ message: "said", service: "vramp-test" }]);
});
