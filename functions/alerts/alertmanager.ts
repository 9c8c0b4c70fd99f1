import { z } from "zod";

const text = z.string().max(16_384);
const labels = z.record(z.string().max(1024), text);

const alert = z.looseObject({
  status: z.enum(["firing", "resolved"]),
  labels,
  startsAt: text,
  fingerprint: text.default(""),
});

/** Alertmanager's webhook body, version 4. Fields that later versions add are let through. */
export const notification = z.looseObject({
  version: z.literal("4"),
  receiver: text,
  groupKey: text,
  groupLabels: labels.default({}),
  truncatedAlerts: z.int().nonnegative().default(0),
  alerts: z.array(alert),
});

export type AlertNotification = z.output<typeof notification>;
export type Alert = z.output<typeof alert>;
