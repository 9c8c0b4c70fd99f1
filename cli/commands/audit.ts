import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { verifyChain } from "../../shared/memory/audit-chain.ts";
import { parseAuditEvent } from "../../shared/memory/stored.ts";
import type { AuditEvent } from "../../shared/model/audit.ts";
import { addClientOptions, type ClientOptions, invoke } from "../client.ts";
import { EXIT, print, printJson } from "../output.ts";
import { table } from "../table.ts";

/** Events in one answer: `invoke` gives no more. */
const MOST = 500;
const SHOWN = 20;

interface AuditOptions extends ClientOptions {
  readonly last: number;
}

function lastOf(text: string): number {
  const last = Number(text);
  if (/^\d+$/.test(text) && last >= 1 && last <= MOST) return last;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST}`);
}

/** A workload's newest events, oldest first. */
async function eventsOf(workload: string, options: AuditOptions): Promise<readonly AuditEvent[]> {
  const reply = await invoke({ action: "audit", workload, last: options.last }, options);
  const { events } = z.looseObject({ events: z.array(z.unknown()) }).parse(reply);
  return events.map((event) => parseAuditEvent(workload, JSON.stringify(event))).reverse();
}

const sizesOf = ({ from, to, current, want }: AuditEvent["data"]): string => {
  const [before, after] = [from ?? current, to ?? want];
  return before === undefined || after === undefined ? "" : `${before} → ${after}`;
};

/** Why an event happened, in the words it was recorded with. */
function whyOf({ data }: AuditEvent): string {
  const { reason, detail, resolution, error } = data;
  const failure = z.object({ kind: z.string(), message: z.string() }).safeParse(error);
  if (failure.success) return `${failure.data.kind}: ${failure.data.message}`;
  return [reason, detail ?? resolution].filter((part) => typeof part === "string").join(": ");
}

/** A line for each event, oldest first. */
export function eventsText(events: readonly AuditEvent[]): string {
  const rows = events.map((event) => [
    String(event.sequence),
    event.time,
    event.type.replace("dev.vramp.", ""),
    String(event.data.pool ?? ""),
    sizesOf(event.data),
    whyOf(event),
  ]);
  return table([["#", "TIME", "EVENT", "POOL", "SIZE", "WHY"], ...rows]);
}

/** What there is to say of the chain of events, oldest first. */
export function verdictOn(
  workload: string,
  events: readonly AuditEvent[],
): { readonly holds: boolean; readonly text: string } {
  const [first, newest] = [events[0], events.at(-1)];
  if (first === undefined || newest === undefined) return { holds: true, text: `${workload} has no audit` };
  const broken = verifyChain(events);
  const bad = broken === null ? undefined : events[broken];
  if (bad !== undefined)
    return {
      holds: false,
      text:
        `event ${bad.sequence} of ${workload}, of ${bad.time}, was altered or does not follow the one before it; ` +
        "compare with the function's logs, which have every decision and every call too",
    };
  const before = first.sequence === 1 ? "" : `; ${first.sequence - 1} before them were not looked at`;
  return {
    holds: true,
    text: `events ${first.sequence} to ${newest.sequence} of ${workload}, ${first.time} to ${newest.time}: the chain holds${before}`,
  };
}

export function register(command: Command): void {
  const declare = (name: string, about: string, shown: number) =>
    addClientOptions(
      command
        .command(name)
        .description(about)
        .argument("<workload>", "also one that the policy no longer has")
        .option("--last <events>", `the newest so many; ${MOST} at most`, lastOf, shown),
    );
  declare("list", "list what was decided, done and said", SHOWN).action(
    async (workload: string, options: AuditOptions) => {
      const events = await eventsOf(workload, options);
      if (options.output === "json") printJson({ summary: `${workload}: ${events.length} events`, workload, events });
      else print(events.length === 0 ? `${workload} has no audit` : eventsText(events));
    },
  );
  declare("verify", "check that no event was altered, left out or put in", MOST).action(
    async (workload: string, options: AuditOptions) => {
      const events = await eventsOf(workload, options);
      const { holds, text } = verdictOn(workload, events);
      const [from, to] = [events[0]?.sequence ?? null, events.at(-1)?.sequence ?? null];
      if (options.output === "json") printJson({ summary: text, workload, holds, from, to });
      else print(text);
      process.exitCode = holds ? EXIT.ok : EXIT.checkFailed;
    },
  );
}
