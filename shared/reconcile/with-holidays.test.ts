import { describe, expect, it } from "vitest";
import { fleetOf } from "../../test/support/fleet.ts";
import { withHolidays } from "./with-holidays.ts";

const icsOf = (...events: readonly string[]): string =>
  [
    "BEGIN:VCALENDAR",
    ...events.flatMap((e) => ["BEGIN:VEVENT", "SUMMARY:Day off", e, "END:VEVENT"]),
    "END:VCALENDAR",
  ].join("\r\n");
const CHRISTMAS = "DTSTART;VALUE=DATE:20261225";
const WEEKLY = "RRULE:FREQ=WEEKLY\r\nDTSTART;VALUE=DATE:20260101";

const policy = fleetOf(
  {},
  { holidays: { ics: "calendars/de.ics", dates: ["2027-01-01", "2026-12-25", "2026-05-01"] } },
);
const POLICY_FILE = "/etc/vramp/policy.yaml";
const giving = (text: string) => async () => text;

describe("a policy with a holiday file", () => {
  it("has the dates of the file and its own, sorted, each once", async () => {
    const both = await withHolidays(policy, POLICY_FILE, giving(icsOf(CHRISTMAS, "DTSTART;VALUE=DATE:20261003")));
    expect(both.policy.holidays?.dates).toEqual(["2026-05-01", "2026-10-03", "2026-12-25", "2027-01-01"]);
    expect(both.findings).toEqual([]);
  });

  it.each([
    [POLICY_FILE, "/etc/vramp/calendars/de.ics"],
    ["policy.yaml", "calendars/de.ics"],
    ["../fleets/a.yaml", "../fleets/calendars/de.ics"],
  ])("at %s looks for it beside itself", async (file, expected) => {
    const asked: string[] = [];
    await withHolidays(policy, file, async (path) => {
      asked.push(path);
      return icsOf(CHRISTMAS);
    });
    expect(asked).toEqual([expected]);
  });

  it("keeps the listed dates when the file cannot be read, and says so", async () => {
    const missing = () => Promise.reject(new Error("there is no such file"));
    const { policy: kept, findings } = await withHolidays(policy, POLICY_FILE, missing);
    expect(kept.holidays?.dates).toEqual(["2026-05-01", "2026-12-25", "2027-01-01"]);
    expect(findings).toMatchObject([
      {
        severity: "error",
        path: ["holidays", "ics"],
        message: "the holiday file /etc/vramp/calendars/de.ics gives no holidays",
        why: "it cannot be read (there is no such file)",
      },
    ]);
  });

  it.each([
    ["is no calendar", "<html>", /not a whole iCalendar/],
    ["has nothing that is understood", icsOf(WEEKLY, WEEKLY), /WEEKLY.* is not supported.*; and 1 more/],
  ])("is told of an error when the file %s", async (_what, text, why) => {
    const { findings } = await withHolidays(policy, POLICY_FILE, giving(text));
    expect(findings).toMatchObject([{ severity: "error", why: expect.stringMatching(why) }]);
  });

  it("is warned of each event that is left out of a file that gives others", async () => {
    const { policy: some, findings } = await withHolidays(policy, POLICY_FILE, giving(icsOf(WEEKLY, CHRISTMAS)));
    expect(some.holidays?.dates).toContain("2026-12-25");
    expect(findings).toMatchObject([{ severity: "warning", why: expect.stringContaining("WEEKLY") }]);
  });

  it("has no complaint of a calendar without events", async () => {
    expect((await withHolidays(policy, POLICY_FILE, giving(icsOf()))).findings).toEqual([]);
  });
});

it.each([{}, { holidays: { dates: ["2026-12-25"] } }])(
  "a policy without one (%j) stays as it is, and nothing is read",
  async (more) => {
    const plain = fleetOf({}, more);
    const read = () => Promise.reject(new Error("nobody should ask"));
    expect(await withHolidays(plain, POLICY_FILE, read)).toEqual({ policy: plain, findings: [] });
  },
);
