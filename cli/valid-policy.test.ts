import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { plain, UserError } from "./output.ts";
import { readValidPolicy } from "./valid-policy.ts";

const POLICY = "version: 1\nfleet: test\nholidays: { ics: de.ics, dates: [2027-01-01] }\nworkloads: {}\n";
const ICS = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261225", "END:VEVENT", "END:VCALENDAR"];

let folder: string;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-policy-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("a policy comes with the holidays of the file beside it", async () => {
  writeFileSync(join(folder, "de.ics"), ICS.join("\r\n"));

  const policy = await readValidPolicy(join(folder, "policy.yaml"), plain);

  expect(policy.holidays?.dates).toEqual(["2026-12-25", "2027-01-01"]);
  expect(said).toBe("");
});

test("a holiday file that cannot be read is a warning, and the policy is used without it [F56]", async () => {
  const file = join(folder, "policy.yaml");

  const policy = await readValidPolicy(file, plain);

  expect(policy.holidays?.dates).toEqual(["2027-01-01"]);
  expect(said).toContain(`${file}:3:18: warning: the holiday file ${join(folder, "de.ics")} gives no holidays\n`);
});

test("an invalid policy is reported and refused [F72]", async () => {
  const file = join(folder, "policy.yaml");
  writeFileSync(file, POLICY.replace("fleet: test\n", ""));

  await expect(readValidPolicy(file, plain)).rejects.toThrow(UserError);
  expect(said).toContain("fleet");
});
