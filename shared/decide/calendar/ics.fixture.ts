// iCalendar texts for the tests of holidays.

/** A whole calendar of these content lines. */
export const calendar = (...lines: string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n");

/** A calendar of one event with these properties. */
export const event = (...lines: string[]) => calendar("BEGIN:VEVENT", "SUMMARY:Day off", ...lines, "END:VEVENT");
