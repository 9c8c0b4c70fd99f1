/** What the audit records, in CloudEvents' `type` field (with the prefix `dev.vramp.`). */
export const AUDIT_TYPES = ["decided", "acted", "failed", "resolved", "overridden"] as const;
export type AuditType = (typeof AUDIT_TYPES)[number];

/** One fact for the audit, before the store gives it a number and a hash. `data` is plain JSON without secrets. */
export interface AuditEntry {
  readonly workload: string;
  readonly type: AuditType;
  /** RFC 3339. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A CloudEvents 1.0 envelope, chained: `previous` is the hash of the event before it, `hash` its own. */
export interface AuditEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: Readonly<Record<string, unknown>>;
  readonly sequence: number;
  readonly previous: string;
  readonly hash: string;
}
