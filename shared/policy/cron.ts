import { Cron } from "croner";

/** A cron expression of five fields in an IANA zone. Throws croner's `RangeError` or `TypeError` when it is none. */
export function parseCron(expression: string, timeZone: string): Cron {
  // croner reads `?` as "now", which would give the same policy another meaning with each run, and text with a colon as a date.
  const strange = /[?:]/.exec(expression)?.[0];
  if (strange !== undefined) throw new RangeError(`\`${strange}\` has no place in a cron expression`);
  // An offset spares croner a formatter for every step, which takes a hundred times as long.
  const zone = timeZone === "UTC" ? { utcOffset: 0 } : { timezone: timeZone };
  return new Cron(expression, { mode: "5-part", paused: true, ...zone });
}

/** Whether this machine's time zone data knows the name. Offsets such as `+01:00` are not names: they ignore summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
