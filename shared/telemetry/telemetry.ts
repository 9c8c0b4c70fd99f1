import type { Reason } from "../model/reasons.ts";

/** Plain JSON for a log line: numbers and short strings, never a secret, never raw text from outside. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What is counted. Every refusal carries its reason. */
export type Count =
  | "AlertsAccepted"
  | "AlertsIgnored"
  | "AlertsRefused"
  | "WakesSent"
  | "Decisions"
  | "Resizes"
  | "ResizeFailures"
  | "Retries";

/** Where logs and counts go. Never throws and never waits. */
export interface Telemetry {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Adds to a count; `why` becomes its one dimension. */
  count(name: Count, value: number, why?: Reason | string): void;
}

export const SILENT: Telemetry = { info() {}, warn() {}, error() {}, count() {} };

/** A text from outside made fit for a log line, a cause or a message: no control characters, 256 characters at most. */
export function clean(text: string): string {
  // Control, format and separator characters could forge lines or hide text in terminals (OWASP Logging).
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").slice(0, 256);
}
