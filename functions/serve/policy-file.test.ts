import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SILENT, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import { Misconfigured } from "../runtime.ts";
import { openPolicyFile, type PolicyFile } from "./policy-file.ts";

const policyText = (fleet: string, more = "") => `version: 1\nfleet: ${fleet}\n${more}workloads: {}\n`;
const ICS = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261225", "END:VEVENT", "END:VCALENDAR"].join(
  "\r\n",
);
const WITH_ICS = "holidays: { ics: de.ics, dates: [2027-01-01] }\n";

let folder: string;
let file: string;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-policy-"));
  file = join(folder, "policy.yaml");
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const log =
  (level: string) =>
  (message: string, fields: object = {}) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
const telemetry: Telemetry = { ...SILENT, info: log("info"), warn: log("warn"), error: log("error") };

const write = (text: string) => writeFileSync(file, text);
const writeIcs = (text: string) => writeFileSync(join(folder, "de.ics"), text);
async function opened(text: string): Promise<PolicyFile> {
  write(text);
  return openPolicyFile(file, telemetry);
}
const fleetOf = (policy: PolicyFile) => policy.inForce().policy.fleet;
const datesOf = (policy: PolicyFile) => policy.inForce().policy.holidays?.dates;

describe("a policy file in force", () => {
  it("is taken anew after a change that two looks have seen alike, and that is said once", async () => {
    const policy = await opened(policyText("one"));
    await policy.check();
    write(policyText("two"));
    await policy.check();
    expect(fleetOf(policy)).toBe("one");
    for (let look = 0; look < 3; look += 1) await policy.check();
    expect(fleetOf(policy)).toBe("two");
    expect(logged).toEqual([
      `info policy in force ${JSON.stringify({ revision: policy.inForce().revision, workloads: [] })}`,
    ]);
  });

  it("is not taken while it is still being written", async () => {
    const policy = await opened(policyText("one"));
    for (const half of ["two", "three", "four"]) {
      write(policyText(half));
      await policy.check();
    }
    expect(fleetOf(policy)).toBe("one");
  });

  it("is taken at once when an operator says so", async () => {
    const policy = await opened(policyText("one"));
    write(policyText("two"));
    await policy.reload();
    expect(fleetOf(policy)).toBe("two");
  });

  it.each([
    ["an invalid one", () => write("version: 1\nfleet: two\nworklods: {}\n"), /policy\.yaml:3: .*worklods/],
    ["one that is gone", () => rmSync(file), /ENOENT/],
  ])(
    "stays when the file is %s; that is said once, with where and why, and a good one is taken later [F72]",
    async (_what, spoil, why) => {
      const policy = await opened(policyText("one"));
      const { revision } = policy.inForce();
      spoil();
      for (let look = 0; look < 4; look += 1) await policy.check();
      expect(policy.inForce().revision).toBe(revision);
      expect(logged).toHaveLength(1);
      expect(logged[0]).toMatch(/^error the policy file is not taken; the last good one stays in force/);
      expect(logged[0]).toMatch(why);
      expect(logged[0]).toContain(`"kept":"${revision}"`);

      write(policyText("three"));
      for (let look = 0; look < 2; look += 1) await policy.check();
      expect(fleetOf(policy)).toBe("three");
    },
  );

  it("must be valid at the start", async () => {
    await expect(opened("version: 2\n")).rejects.toBeInstanceOf(Misconfigured);
  });

  it("has the holidays of the file beside it, and new ones when that changes", async () => {
    writeIcs(ICS);
    const policy = await opened(policyText("one", WITH_ICS));
    expect(datesOf(policy)).toEqual(["2026-12-25", "2027-01-01"]);
    writeIcs(ICS.replace("20261225", "20261226"));
    for (let look = 0; look < 2; look += 1) await policy.check();
    expect(datesOf(policy)).toEqual(["2026-12-26", "2027-01-01"]);
  });

  it("keeps the holidays that were known when their file goes, and warns [F56]", async () => {
    writeIcs(ICS);
    const policy = await opened(policyText("one", WITH_ICS));
    rmSync(join(folder, "de.ics"));
    for (let look = 0; look < 4; look += 1) await policy.check();
    expect(datesOf(policy)).toEqual(["2026-12-25", "2027-01-01"]);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatch(/^warn .*de\.ics gives no holidays/);
    expect(logged[1]).toMatch(/^warn the holidays that were known stay in force/);
  });

  it("begins without holidays when their file was never there [F56]", async () => {
    const policy = await opened(policyText("one", WITH_ICS));
    expect(datesOf(policy)).toEqual(["2027-01-01"]);
    writeIcs(ICS);
    for (let look = 0; look < 2; look += 1) await policy.check();
    expect(datesOf(policy)).toEqual(["2026-12-25", "2027-01-01"]);
  });
});
