import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

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

/** What the function that decides has for a policy. */
async function decidedBy() {
  const { reconcileDeps } = await import("./runtime.ts");
  return (await reconcileDeps()).policy();
}

it("decides with the holidays of the file beside the policy", async () => {
  writeFileSync(join(folder, "de.ics"), ICS.join("\r\n"));
  expect((await decidedBy()).policy.holidays?.dates).toEqual(["2026-12-25", "2027-01-01"]);
  expect(logged).toEqual([]);
});

it("decides without a holiday file that cannot be read, and warns once [F56]", async () => {
  const { reconcileDeps } = await import("./runtime.ts");
  const { policy } = await reconcileDeps();
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
  const { tickDeps } = await import("./runtime.ts");
  expect((await (await tickDeps()).policy()).fleet).toBe("test");
  expect(logged).toEqual([]);
});
