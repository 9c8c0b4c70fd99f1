import { z } from "zod";
import { condition, duration, label, nodeCount } from "./common.ts";

/** Five fields, as crontab(5) has them; checked by the cron library in lint. */
const cron = z.string().regex(/^\S+(\s+\S+){4}$/, "expected a cron expression of five fields, such as 0 9 * * 1-5");

const windowNodes = z
  .strictObject({ min: nodeCount.optional(), max: nodeCount.optional(), exactly: nodeCount.optional() })
  .refine((n) => n.min !== undefined || n.max !== undefined || n.exactly !== undefined, {
    error: "has none of `min`, `max` and `exactly`",
    params: { fix: "give `exactly`, or `min`, `max` or both" },
  })
  .refine((n) => n.exactly === undefined || (n.min === undefined && n.max === undefined), {
    error: "has `exactly` beside `min` or `max`",
    params: { fix: "`exactly` stands alone: remove it or the others" },
  })
  .meta({ anyOf: [{ required: ["min"] }, { required: ["max"] }, { required: ["exactly"] }] });

export const schedule = z.strictObject({
  name: label,
  start: cron,
  end: cron,
  timeZone: z.string().optional().meta({ description: "IANA zone; the policy's own when absent" }),
  nodes: windowNodes,
  lead: duration.optional().meta({ description: "Start a wake-up this much early, so that nodes are ready on time" }),
  skipHolidays: z
    .enum(["start", "end"])
    .optional()
    .meta({ description: "This boundary does not fire on the policy's holidays" }),
  wakeOn: z.array(condition).max(10).optional().meta({ description: "Demand that ends an off-hours zero" }),
});
export type Schedule = Readonly<z.output<typeof schedule>>;

const date = z.iso.date("expected a date such as 2026-12-25");

/** Days on which schedules may skip a boundary: listed, or from an iCalendar file beside the policy. */
export const holidays = z.strictObject({
  ics: z.string().min(1).max(1024).optional().meta({ description: "Path of an .ics file, relative to the policy" }),
  dates: z.array(date).max(10_000).default([]),
});
export type Holidays = Readonly<z.output<typeof holidays>>;
