import type { Command } from "commander";
import { z } from "zod";
import { formatDuration } from "../../shared/policy/units.ts";
import { formatAge } from "../age.ts";
import { addClientOptions, type ClientOptions, type InvokeReply, invoke } from "../client.ts";
import { print, printJson } from "../output.ts";
import { indent, table } from "../table.ts";

const condition = z.looseObject({
  signal: z.string(),
  comparison: z.string(),
  threshold: z.number(),
  for: z.number(),
  verdict: z.string(),
  value: z.number().nullable(),
  age: z.number().nullable(),
  coverage: z.number().nullable(),
  since: z.number().nullable(),
  why: z.string().nullable(),
});
type Condition = z.output<typeof condition>;

const stage = z.looseObject({
  stage: z.string(),
  want: z.number(),
  reason: z.string(),
  detail: z.string(),
  conditions: z.array(condition).default([]),
});
const poolState = z.union([
  z.looseObject({
    kind: z.literal("seen"),
    state: z.looseObject({ desired: z.number(), ready: z.number(), status: z.string() }),
  }),
  z.looseObject({ kind: z.literal("unseen"), error: z.looseObject({ kind: z.string(), message: z.string() }) }),
]);
const explanation = z.looseObject({
  decision: z.looseObject({
    workload: z.string(),
    at: z.number(),
    current: z.number(),
    ready: z.number(),
    want: z.number(),
    pools: z.record(z.string(), z.number()),
    reason: z.string(),
    detail: z.string(),
    stages: z.array(stage),
  }),
  outlook: z.object({ grow: z.array(z.string()), shrink: z.array(z.string()), waiting: z.array(z.string()) }),
  gpus: z.object({ physical: z.number(), logical: z.number() }),
  nodes: z.object({ min: z.number(), max: z.number() }),
  mode: z.string(),
  poolStates: z.record(z.string(), poolState),
  overrides: z.array(z.looseObject({ kind: z.string(), until: z.number(), actor: z.string(), reason: z.string() })),
  lastChange: z
    .looseObject({ at: z.number(), from: z.number(), to: z.number(), settledAt: z.number().nullable() })
    .nullable(),
});
type Explanation = z.output<typeof explanation>;

export function register(command: Command): void {
  addClientOptions(command.argument("<workload>", "the workload to explain"))
    .addHelpText("after", "\nLooks afresh, decides as a run would, and changes nothing.")
    .action(async (workload: string, options: ClientOptions) => {
      const reply = await invoke({ action: "explain", workload }, options);
      if (options.output === "json") printJson(reply);
      else print(toText(reply));
    });
}

const time = (at: number): string => new Date(at * 1000).toISOString().replace(/\.\d+Z$/, "Z");

function conditionRow(c: Condition, at: number): readonly string[] {
  const lasting = c.for > 0 ? ` for ${formatDuration(c.for)}` : "";
  return [
    `${c.signal} ${c.comparison} ${c.threshold}${lasting}`,
    c.why === null ? c.verdict : `${c.verdict} (${c.why})`,
    c.value === null ? "-" : String(Number(c.value.toPrecision(6))),
    c.age === null ? "-" : formatAge(c.age),
    c.coverage === null ? "-" : `${Math.round(c.coverage * 100)} %`,
    c.since === null ? "-" : `${time(c.since)} (${formatDuration(at - c.since)})`,
  ];
}

function pools({ decision, poolStates }: Explanation): string {
  const rows = Object.entries(poolStates).map(([name, seen]) => {
    const want = String(decision.pools[name] ?? "-");
    return seen.kind === "seen"
      ? [name, String(seen.state.desired), String(seen.state.ready), want, seen.state.status]
      : [name, "?", "?", want, `${seen.error.kind}: ${seen.error.message}`];
  });
  return table([["NAME", "DESIRED", "READY", "WANT", "STATUS"], ...rows]);
}

function outlookText({ outlook }: Explanation): string {
  const lines = [...outlook.grow, ...outlook.shrink, ...outlook.waiting];
  return lines.length === 0 ? "nothing but the policy" : lines.join("\n");
}

/** What `kubectl describe hpa` would say if it told the whole truth. */
export function toText(reply: InvokeReply): string {
  const said = explanation.parse(reply);
  const { decision, nodes, gpus, mode, overrides, lastChange } = said;
  const { workload, at, current, ready, want, reason, detail, stages } = decision;
  const conditions = stages.flatMap((s) => s.conditions);
  const stageRows = stages.map((s) => [s.stage, String(s.want), s.reason, s.detail]);
  const change = lastChange;
  const settled = change?.settledAt == null ? "still under way" : `settled at ${time(change.settledAt)}`;
  return [
    table([
      ["Workload:", workload],
      ["Mode:", mode],
      ["Bounds:", `${nodes.min} to ${nodes.max} nodes`],
      ["Size:", `${current} asked for, ${ready} ready`],
      ["GPUs:", `${gpus.physical} physical, ${gpus.logical} logical`],
      ["Decision:", `${want === current ? `stay at ${current}` : `${current} → ${want}`}, at ${time(at)}`],
      ["Reason:", `${reason}: ${detail}`],
      ["Last change:", change === null ? "none" : `${change.from} → ${change.to} at ${time(change.at)}, ${settled}`],
    ]),
    "",
    "Pools:",
    indent(pools(said)),
    "",
    "Stages, in order of precedence:",
    indent(table([["STAGE", "WANT", "REASON", "DETAIL"], ...stageRows])),
    "",
    "Conditions:",
    conditions.length === 0
      ? "  none"
      : indent(
          table([
            ["CONDITION", "VERDICT", "VALUE", "AGE", "COVERAGE", "TRUE SINCE"],
            ...conditions.map((c) => conditionRow(c, at)),
          ]),
        ),
    "",
    "What would change it:",
    indent(outlookText(said)),
    "",
    "Overrides:",
    overrides.length === 0
      ? "  none"
      : overrides.map((o) => `  ${o.kind} until ${time(o.until)} by ${o.actor}: ${o.reason}`).join("\n"),
  ].join("\n");
}
