import type { Seconds } from "../../policy/units.ts";

// Every limit of the calendar, each with its reason.

/** Zones differ from UTC by at most 14 h and shift at most once in two days, so a day on either side sees both offsets. */
export const DAY: Seconds = 86_400;

/** A weekday names one day only within a week; older boundaries are told with their date. */
export const WEEK: Seconds = 7 * DAY;

/** Cron expressions kept ready. A policy has at most 50 schedules to a workload, two expressions each. */
export const KEPT_EXPRESSIONS = 512;

/** Rows of one preview: a year of two schedules with leads; a cron that fires every minute ends there too. */
export const PREVIEW_ROWS = 2_500;

/** Boundaries looked through for the next real change: a fortnight's closure with two windows a day. */
export const CHANGE_SEARCH = 64;

/** Bytes of one holiday file: a century of one country's holidays is well below 256 KiB. */
export const ICS_BYTES = 1_048_576;

/** Days one holiday event may span: a year's closure; longer is a mistake in the file. */
export const ICS_EVENT_DAYS = 366;

/** Dates in one holiday file, all events together. */
export const ICS_DATES = 20_000;

/** How many years a yearly holiday is carried on from its first date. */
export const ICS_YEARS = 100;
