import { z } from "zod";
import { dollars, identifier, label, secretName } from "./common.ts";
import { holidays } from "./schedules.ts";
import { signal, source } from "./signals.ts";
import { workload } from "./workload.ts";

const occasions = z.array(z.enum(["scaled", "blocked", "failed"])).min(1);
/** Whole and without wildcards, for it becomes a permission. */
const topicArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:sns:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,251}(\.fifo)?$/,
    "expected a topic's ARN, such as arn:aws:sns:eu-central-1:111122223333:gpu",
  );
const notification = z.union([
  z.strictObject({ slack: z.strictObject({ webhookUrlSecret: secretName }), on: occasions }),
  z.strictObject({ sns: z.strictObject({ topicArn }), on: occasions }),
]);
export type Notification = z.output<typeof notification>;

/** The whole policy file. One file governs one fleet. */
export const policy = z.strictObject({
  version: z.literal(1, { error: "this vramp reads policy version 1" }),
  fleet: label,
  mode: z
    .enum(["enforce", "observe"])
    .default("enforce")
    .meta({ description: "observe: decide, record and report, touch no cloud" }),
  timeZone: z.string().default("UTC").meta({ description: "IANA zone of every cron and window" }),
  holidays: holidays.optional(),
  budget: z.strictObject({ perHour: dollars.optional(), perDay: dollars.optional() }).optional(),
  sources: z.record(identifier, source).default({}),
  signals: z.record(identifier, signal).default({}),
  workloads: z.record(label, workload),
  notify: z.array(notification).max(20).default([]),
});

/** A policy that passed the schema: durations in seconds, memory in bytes, every default filled in. */
export type Policy = Readonly<z.output<typeof policy>>;
/** A policy as its author writes it. */
export type PolicyInput = z.input<typeof policy>;
