import { isTimeZone } from "../../policy/cron.ts";
import type { EpochSeconds, Seconds } from "../../policy/units.ts";
import { DAY } from "./limits.ts";

/** A local date and time, in seconds as if the place kept UTC: 09:00 on a wall clock is the same number in every zone. */
export type WallSeconds = number;

/** One IANA zone. Every function is exact for whole seconds between the years 1 and 9999. */
export interface Zone {
  readonly name: string;
  /**
   * The first instant at which the wall clock shows this time or a later one. Hence a time that the spring gap skips is the
   * first instant after the gap, and a time that the autumn repeats is its first occurrence. It never decreases as `wall` grows.
   */
  readonly instantOf: (wall: WallSeconds) => EpochSeconds;
  /** The latest time that the wall clock has shown so far: the last wall time whose `instantOf` is not after `now`. */
  readonly latestWall: (now: EpochSeconds) => WallSeconds;
  /** What the wall clock shows. */
  readonly wallAt: (at: EpochSeconds) => WallSeconds;
}

/** `GMT+05:45`, `GMT-00:01:15`, or `GMT` alone for UTC. */
const OFFSET = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

function offsetReader(name: string): (at: EpochSeconds) => Seconds {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  return (at) => {
    const [, sign, hours = "0", minutes = "0", seconds = "0"] = OFFSET.exec(format.format(at * 1000)) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
  };
}

function createZone(name: string): Zone {
  const offset = offsetReader(name);

  /** The first second after `from`, at most `to`, at which the offset is no longer `before`. */
  const changeAfter = (from: EpochSeconds, to: EpochSeconds, before: Seconds): EpochSeconds => {
    let [unchanged, changed] = [from, to];
    while (changed - unchanged > 1) {
      const middle = Math.floor((unchanged + changed) / 2);
      if (offset(middle) === before) unchanged = middle;
      else changed = middle;
    }
    return changed;
  };

  return {
    name,
    wallAt: (at) => Math.floor(at) + offset(Math.floor(at)),
    instantOf: (wall) => {
      const before = offset(wall - DAY);
      const after = offset(wall + DAY);
      const early = wall - before;
      if (before === after || offset(early) === before) return early;
      const late = wall - after;
      return offset(late) === after ? late : changeAfter(wall - DAY, wall + DAY, before);
    },
    latestWall: (at) => {
      const now = Math.floor(at);
      const before = offset(now - DAY);
      const wall = now + offset(now);
      if (before <= wall - now) return wall;
      const lastShownBefore = changeAfter(now - DAY, now, before) + before - 1;
      return Math.max(wall, lastShownBefore);
    },
  };
}

/** Building a formatter costs a thousand times what using it does. Zones never change, so keeping them changes no answer. */
const zones = new Map<string, Zone | null>();

/** The zone of this name; null if the runtime knows none. */
export function zoneNamed(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = isTimeZone(name) ? createZone(name) : null;
  zones.set(name, zone);
  return zone;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A wall time's date, as `2026-11-27`: the key of a holiday. */
export const dateOf = (wall: WallSeconds): string => new Date(wall * 1000).toISOString().slice(0, 10);

/** A wall time as `Fri 22:00`; with its date, `Fri 2026-11-27 22:00`. */
export function wallText(wall: WallSeconds, withDate: boolean): string {
  const date = new Date(wall * 1000);
  const weekday = WEEKDAYS[date.getUTCDay()] ?? "";
  const time = date.toISOString().slice(11, 16);
  return withDate ? `${weekday} ${dateOf(wall)} ${time}` : `${weekday} ${time}`;
}
