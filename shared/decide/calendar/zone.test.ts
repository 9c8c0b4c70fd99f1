import { expect, test } from "vitest";
import { at } from "./calendar.fixture.ts";
import { zoneNamed } from "./zone.ts";

test.each([
  ["UTC", "2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"],
  ["Asia/Kathmandu", "2026-11-21T20:00:00Z", "2026-11-22T01:45:00Z"],
  ["America/St_Johns", "2026-11-21T12:00:00Z", "2026-11-21T08:30:00Z"],
  // Liberia kept an offset of seconds until 1972: 44 minutes and 30 seconds behind UTC.
  ["Africa/Monrovia", "1971-06-01T12:00:00Z", "1971-06-01T11:15:30Z"],
])("the wall clock of %s at %s", (name, now, shown) => {
  const zone = zoneNamed(name);

  expect(zone?.wallAt(at(now))).toBe(at(shown));
  expect(zone?.latestWall(at(now))).toBe(at(shown));
  expect(zone?.instantOf(at(shown))).toBe(at(now));
});

test("a zone is built once, and a name that is none gives none each time", () => {
  expect(zoneNamed("Asia/Kathmandu")).toBe(zoneNamed("Asia/Kathmandu"));
  expect([zoneNamed("Mars/Olympus"), zoneNamed("Mars/Olympus")]).toEqual([null, null]);
});
