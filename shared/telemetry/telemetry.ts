import type { Reason } from "../model/reasons.ts";
import { scrub } from "./scrub.ts";

/** Plain JSON for a log line: numbers and short strings, never a secret, never raw text from outside. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What is counted. Every refusal carries its reason. */
export type Count =
  | "AlertsAccepted"
  | "AlertsIgnored"
  | "AlertsRefused"
  | "EventsAccepted"
  | "EventsIgnored"
  | "EventsRefused"
  | "WakesSent"
  | "Decisions"
  | "Resizes"
  | "ResizeFailures"
  | "Retries"
  | "NotificationsSent"
  | "NotificationFailures"
  | "NotificationsDropped";

/** Where logs and counts go. Never throws and never waits. */
export interface Telemetry {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Adds to a count; `why` becomes its one dimension. */
  count(name: Count, value: number, why?: Reason | string): void;
}

export const SILENT: Telemetry = { info() {}, warn() {}, error() {}, count() {} };

/** A text from outside made fit for a log line, a cause or a message: scrubbed, and 256 characters at most. */
export const clean = (text: string): string => scrub(text).slice(0, 256);
