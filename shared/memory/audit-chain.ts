import { createHash } from "node:crypto";
import type { AuditEntry, AuditEvent } from "../model/audit.ts";
import { canonicalJson } from "../policy/revision.ts";

/** The `previous` of a workload's first event. */
export const GENESIS = "0".repeat(64);

/** The number of a workload's first event; each one after it is one more. */
export const FIRST_SEQUENCE = 1;

/** The event that follows `previous` (null: there is none yet) in a workload's audit. */
export function chain(entry: AuditEntry, previous: AuditEvent | null): AuditEvent {
  const sequence = previous === null ? FIRST_SEQUENCE : previous.sequence + 1;
  const event = {
    specversion: "1.0",
    id: `${entry.workload}/${sequence}`,
    source: "/vramp",
    type: `dev.vramp.${entry.type}`,
    subject: entry.workload,
    time: entry.time,
    datacontenttype: "application/json",
    data: plain(entry.data),
    sequence,
    previous: previous?.hash ?? GENESIS,
  } as const;
  return { ...event, hash: hashOf(event) };
}

/**
 * The index of the first event, oldest first, that was altered, or does not follow the one before it; null when all is
 * well. The oldest need not be the workload's first: what came before it was then not looked at.
 */
export function verifyChain(events: readonly AuditEvent[]): number | null {
  const broken = events.findIndex((event, index) => !follows(event, events[index - 1]));
  return broken === -1 ? null : broken;
}

function follows({ hash, ...event }: AuditEvent, before: AuditEvent | undefined): boolean {
  if (hash !== hashOf(event)) return false;
  if (event.sequence === FIRST_SEQUENCE) return before === undefined && event.previous === GENESIS;
  if (before === undefined) return true;
  return event.sequence === before.sequence + 1 && event.previous === before.hash && event.subject === before.subject;
}

/** SHA-256 in hexadecimal over the canonical JSON of everything but the hash itself. */
const hashOf = (event: Omit<AuditEvent, "hash">): string =>
  createHash("sha256").update(canonicalJson(event)).digest("hex");

/** What remains of the data once it was JSON, so that the hash covers exactly what is stored. */
const plain = (data: AuditEntry["data"]): AuditEntry["data"] => JSON.parse(JSON.stringify(data));
