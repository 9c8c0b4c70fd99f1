import type { Command } from "commander";
import { z } from "zod";
import { formatAge } from "../age.ts";
import { addClientOptions, type ClientOptions, type InvokeReply, invoke } from "../client.ts";
import { print, printJson } from "../output.ts";
import { table } from "../table.ts";

const pool = z.looseObject({
  name: z.string(),
  capacity: z.string(),
  desired: z.number().nullable(),
  ready: z.number().nullable(),
  status: z.string(),
  problem: z.string().nullable(),
});
const workload = z.looseObject({
  workload: z.string(),
  min: z.number(),
  max: z.number(),
  pools: z.array(pool),
  lastDecision: z.looseObject({ at: z.number(), reason: z.string(), detail: z.string() }).nullable(),
  overrides: z.array(z.looseObject({ kind: z.string(), until: z.number(), reason: z.string() })),
});
const status = z.looseObject({ at: z.number(), workloads: z.array(workload) });
type Status = z.output<typeof status>;

export function register(command: Command): void {
  addClientOptions(command.argument("[workload]", "one workload; all of the fleet when absent"))
    .addHelpText("after", "\nReads memory and the clouds; for why a size is what it is, see vramp explain.")
    .action(async (name: string | undefined, options: ClientOptions) => {
      const reply = await invoke({ action: "status", ...(name === undefined ? {} : { workload: name }) }, options);
      if (options.output === "json") printJson(reply);
      else print(toText(reply));
    });
}

const orUnknown = (value: number | null): string => (value === null ? "?" : String(value));

function rows({ at, workloads }: Status): readonly (readonly string[])[] {
  return workloads.flatMap(({ workload: name, min, max, pools, lastDecision }) =>
    pools.map((p, i) => [
      i === 0 ? name : "",
      p.name,
      p.capacity,
      orUnknown(p.desired),
      orUnknown(p.ready),
      i === 0 ? `${min}-${max}` : "",
      p.status,
      i === 0 ? (lastDecision?.reason ?? "-") : "",
      i === 0 && lastDecision !== null ? formatAge(at - lastDecision.at) : "",
    ]),
  );
}

function notes({ workloads }: Status): readonly string[] {
  return workloads.flatMap(({ workload: name, pools, overrides }) => [
    ...pools.flatMap((p) => (p.problem === null ? [] : [`${name}/${p.name}: ${p.problem}`])),
    ...overrides.map((o) => `${name}: ${o.kind} until ${new Date(o.until * 1000).toISOString()} (${o.reason})`),
  ]);
}

/** A table with a line for each pool, then what needs attention. */
export function toText(reply: InvokeReply): string {
  const parsed = status.parse(reply);
  const header = ["WORKLOAD", "POOL", "CAPACITY", "DESIRED", "READY", "BOUNDS", "STATUS", "REASON", "AGE"];
  return [reply.summary, "", table([header, ...rows(parsed)]), ...notes(parsed)].join("\n");
}
