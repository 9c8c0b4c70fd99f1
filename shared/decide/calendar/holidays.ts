import { DAY, ICS_BYTES, ICS_DATES, ICS_EVENT_DAYS, ICS_YEARS } from "./limits.ts";
import type { Dates } from "./recurrence.ts";
import { dateOf, type WallSeconds } from "./zone.ts";

/**
 * The dates of a holiday file, as `2026-12-25`, and every event that was left out, with why. Never throws: a file that cannot
 * be read at all is one problem and no dates, so that it can never keep a workload from waking.
 */
export interface Holidays {
  readonly dates: Dates;
  readonly problems: readonly string[];
}

/** One content line: `DTSTART;VALUE=DATE:20261225` has the name DTSTART and the value 20261225. */
interface Property {
  readonly name: string;
  readonly value: string;
}

/** Content lines, unfolded (RFC 5545, 3.1): a line that begins with a space or a tab continues the one before. */
const contentLines = (text: string): string[] => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);

function property(line: string): Property | null {
  // Parameters may hold quoted colons: DTSTART;TZID="a:b":20261225T090000.
  const [, name, value] = /^([A-Za-z-]+)(?:;(?:[^":]|"[^"]*")*)?:(.*)$/.exec(line) ?? [];
  return name === undefined || value === undefined ? null : { name: name.toUpperCase(), value };
}

/** A DATE or a DATE-TIME on its own wall clock, as midnight of its date and seconds into the day; null if it is neither. */
function dateTime(text: string): { readonly midnight: WallSeconds; readonly time: number } | null {
  const [, y, m, d, h = "0", min = "0", s = "0"] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/.exec(text) ?? [];
  const midnight = Date.UTC(Number(y), Number(m) - 1, Number(d)) / 1000;
  // Date.UTC turns 31 November into 1 December; such a date is refused.
  if (Number.isNaN(midnight) || dateOf(midnight) !== `${y}-${m}-${d}`) return null;
  return { midnight, time: Number(h) * 3600 + Number(min) * 60 + Number(s) };
}

/** Seconds in a DURATION such as `P2D`, `P1W` or `PT8H`; null if it is none. */
function durationSeconds(text: string): number | null {
  const [match, w = "0", d = "0", h = "0", m = "0", s = "0"] =
    /^\+?P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text) ?? [];
  if (match === undefined) return null;
  return Number(w) * 7 * DAY + Number(d) * DAY + Number(h) * 3600 + Number(m) * 60 + Number(s);
}

/** How often a rule repeats its event, and the last date it may fall on. */
interface Yearly {
  readonly count: number;
  readonly until: string;
}

/** Plain yearly rules, the ones that fixed holidays use; null for any other. */
function yearly(rule: string): Yearly | null {
  const parts = new Map(rule.split(";").map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
  for (const key of parts.keys()) if (!["FREQ", "INTERVAL", "COUNT", "UNTIL"].includes(key)) return null;
  const count = parts.get("COUNT") ?? String(ICS_YEARS);
  const until = parts.get("UNTIL") ?? "99991231";
  const plain = parts.get("FREQ") === "YEARLY" && (parts.get("INTERVAL") ?? "1") === "1";
  return plain && /^\d+$/.test(count) && dateTime(until) !== null
    ? { count: Number(count), until: until.slice(0, 8) }
    : null;
}

/** The first midnight of each occurrence of an event on this date, its own first. */
function occurrences(date: string, { count, until }: Yearly): WallSeconds[] {
  const found: WallSeconds[] = [];
  for (let later = 0; later < ICS_YEARS && found.length < count; later++) {
    const text = String(Number(date.slice(0, 4)) + later).padStart(4, "0") + date.slice(4);
    const midnight = text > until ? undefined : dateTime(text)?.midnight; // none on 29 February of a common year
    if (midnight !== undefined) found.push(midnight);
  }
  return found;
}

const ONCE: Yearly = { count: 1, until: "99991231" };

type Event = ReadonlyMap<string, string>;

/** Midnights of the days an event covers, or why it is left out. A DTEND is exclusive, as in RFC 5545; without one, one day. */
function daysOf(event: Event): WallSeconds[] | string {
  const startText = event.get("DTSTART") ?? "";
  const start = dateTime(startText);
  if (start === null) return `DTSTART ${JSON.stringify(startText)} is no date`;
  const unsupported = ["RDATE", "EXDATE", "RECURRENCE-ID"].find((name) => event.has(name));
  if (unsupported !== undefined) return `${unsupported} is not supported; write each date as an event of its own`;

  const begin = start.midnight + start.time;
  let end = begin;
  const endText = event.get("DTEND");
  const durationText = event.get("DURATION");
  if (endText !== undefined) {
    const parsed = dateTime(endText);
    if (parsed === null) return `DTEND ${JSON.stringify(endText)} is no date`;
    end = parsed.midnight + parsed.time;
  } else if (durationText !== undefined) {
    const length = durationSeconds(durationText);
    if (length === null) return `DURATION ${JSON.stringify(durationText)} is no duration`;
    end = begin + length;
  }
  const count = Math.max(1, Math.ceil((end - start.midnight) / DAY));
  if (end < begin || count > ICS_EVENT_DAYS)
    return `it spans ${(end - begin) / DAY} days; 0 to ${ICS_EVENT_DAYS} are allowed`;

  const rule = event.get("RRULE");
  const repeats = rule === undefined ? ONCE : yearly(rule);
  if (repeats === null) return `RRULE ${JSON.stringify(rule)} is not supported; write each date as an event of its own`;
  return occurrences(startText.slice(0, 8), repeats).flatMap((midnight) =>
    Array.from({ length: count }, (_, day) => midnight + day * DAY),
  );
}

/** The events of a calendar, each property once; a VALARM within one has properties of its own and is passed over. */
function events(lines: readonly string[]): Event[] {
  const found: Event[] = [];
  let event: Map<string, string> | null = null;
  let within = 0;
  for (const line of lines) {
    const parsed = property(line);
    if (parsed === null) continue;
    const { name, value } = parsed;
    if (name === "BEGIN") {
      if (event !== null) within++;
      else if (value === "VEVENT") event = new Map();
    } else if (name === "END") {
      if (within > 0) within--;
      else if (event !== null) {
        found.push(event);
        event = null;
      }
    } else if (event !== null && within === 0 && !event.has(name)) event.set(name, value);
  }
  return found;
}

/**
 * Every date that an iCalendar (RFC 5545) text covers with an event, timed events included, on the event's own wall clock.
 * Cancelled events do not count. Of recurring events only plain yearly ones are understood; the others are problems.
 */
export function holidayDates(ics: string): Holidays {
  if (ics.length > ICS_BYTES)
    return {
      dates: new Set(),
      problems: [`the holiday file is longer than ${ICS_BYTES} characters; none of it is used`],
    };
  const lines = contentLines(ics);
  if (!lines.includes("BEGIN:VCALENDAR") || !lines.includes("END:VCALENDAR"))
    return {
      dates: new Set(),
      problems: ["the holiday file is not a whole iCalendar (BEGIN:VCALENDAR to END:VCALENDAR)"],
    };
  const dates = new Set<string>();
  const problems: string[] = [];
  for (const event of events(lines)) {
    if (event.get("STATUS") === "CANCELLED") continue;
    const days = daysOf(event);
    const name = JSON.stringify((event.get("SUMMARY") ?? event.get("UID") ?? "without a name").slice(0, 100));
    if (typeof days === "string") problems.push(`event ${name} is left out: ${days}`);
    else if (dates.size + days.length > ICS_DATES) problems.push(`event ${name} is left out: over ${ICS_DATES} dates`);
    else for (const day of days) dates.add(dateOf(day));
  }
  return { dates, problems };
}

const NONE: ReadonlySet<string> = new Set();
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** A policy's holidays as a set, the same one for the same policy: the calendar's cache goes by identity. */
export function holidaySet(holidays: { readonly dates: readonly string[] } | undefined): ReadonlySet<string> {
  if (holidays === undefined) return NONE;
  const known = sets.get(holidays.dates);
  if (known !== undefined) return known;
  const made = new Set(holidays.dates);
  sets.set(holidays.dates, made);
  return made;
}
