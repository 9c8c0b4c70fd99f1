import * as z from "zod/mini";
import "../../shared/policy/english.ts";

const text = z.string().check(z.maxLength(16_384));
const labels = z.record(z.string().check(z.maxLength(1024)), text);

const alert = z.looseObject({
  status: z.enum(["firing", "resolved"]),
  labels,
  startsAt: text,
  fingerprint: z._default(text, ""),
});

/** Alertmanager's webhook body, version 4. Fields that later versions add are let through. */
export const notification = z.looseObject({
  version: z.literal("4"),
  receiver: text,
  groupKey: text,
  groupLabels: z._default(labels, {}),
  truncatedAlerts: z._default(z.int().check(z.nonnegative()), 0),
  alerts: z.array(alert),
});

export type AlertNotification = z.output<typeof notification>;
export type Alert = z.output<typeof alert>;
