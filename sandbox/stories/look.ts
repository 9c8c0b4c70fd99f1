// What stories look for: each gives its lines once it has happened, and null before.
import type { Decision, StageTrace } from "../../shared/model/decision.ts";
import type { Reason } from "../../shared/model/reasons.ts";
import { cloudOf } from "../../shared/pools/pools.ts";
import type { Delivered } from "../alert-source.ts";
import type { CloudChange } from "../pools/pool.ts";
import { type Claim, clockTime, type Happened, type Step } from "../story.ts";
import type { System } from "../system.ts";

type Look = Step["look"];

/** A line of the account: what it is about, and what happened. */
export const line = (about: string, text: string): string => `${about.padEnd(11)}${text}`;

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

const stageLine = ({ stage, want, reason, detail }: StageTrace): string =>
  `             ${stage.padEnd(13)} ${String(want).padStart(2)}  ${reason.padEnd(14)} ${detail}`;

/** Every decision so far, oldest first, with what woke it. */
export const decisions = ({ reconciled }: Happened): readonly { decision: Decision; cause: string }[] =>
  reconciled.flatMap(({ outcome, cause }) => (outcome.kind === "done" ? [{ decision: outcome.decision, cause }] : []));

/** Whether a decision, or any of its stages, gives this reason. */
export const gives = (decision: Decision, reason: Reason): boolean =>
  decision.reason === reason || decision.stages.some((stage) => stage.reason === reason);

/** The webhook took this alert. */
export const alert =
  (status: Delivered["status"], name: string): Look =>
  ({ delivered }) => {
    const found = delivered.find((d) => d.status === status && d.name === name && d.answer === 202);
    return found === undefined ? null : [line("alert", `${name} is ${status}: POST /alerts answers 202`)];
  };

/** A workload's tasks wait, more than so many. */
export const queueAbove =
  (workload: string, tasks: number): Look =>
  ({ system }) => {
    const fleet = system.fleet(workload);
    const nodes = readyOf(system, workload);
    return fleet.queue > tasks
      ? [
          line(
            "queue",
            `${fleet.queue} tasks wait for ${nodes} node${nodes === 1 ? "" : "s"}; ` +
              `GPUs ${percent(fleet.utilisation)} busy, VRAM ${percent(fleet.vramFree)} free`,
          ),
        ]
      : null;
  };

export const queueBelow =
  (workload: string, tasks: number): Look =>
  ({ system }) => {
    const { queue } = system.fleet(workload);
    return queue < tasks ? [line("queue", `${queue} tasks wait`)] : null;
  };

/** vramp decided this change of size, with its reasons. */
export const decision =
  (workload: string, from: number, to: number): Look =>
  (happened) => {
    const found = decisions(happened).find(
      ({ decision: d }) => d.workload === workload && d.current === from && d.want === to,
    );
    if (found === undefined) return null;
    const { reason, stages } = found.decision;
    const said = `${workload} ${from} → ${to} nodes: ${reason}, woken by ${found.cause}`;
    return [line("decision", said), ...stages.map(stageLine)];
  };

/** A run since the step began gives this reason, in any of its stages. */
export const reason =
  (workload: string, wanted: Reason): Look =>
  (happened) => {
    const found = decisions(happened).find(
      ({ decision: d }) => d.workload === workload && d.at >= happened.since && gives(d, wanted),
    );
    if (found === undefined) return null;
    const { current, want, stages, detail } = found.decision;
    const why = stages.find((stage) => stage.reason === wanted)?.detail ?? detail;
    return [
      line(
        "decision",
        `${workload} ${current === want ? `stays at ${want}` : `${current} → ${want}`} nodes: ${wanted}: ${why}`,
      ),
    ];
  };

/** The latest run leaves the size as it is. */
export const staying =
  (workload: string, nodes: number): Look =>
  (happened) => {
    const last = decisions(happened).findLast(({ decision: d }) => d.workload === workload)?.decision;
    if (last === undefined || last.current !== nodes || last.want !== nodes) return null;
    return [line("decision", `${workload} stays at ${nodes} nodes: ${last.reason}: ${last.detail}`)];
  };

/** What each cloud is called, and what it calls a pool's size. */
const CLOUDS = {
  eks: { name: "EKS", size: "desiredSize" },
  gke: { name: "GKE", size: "nodeCount" },
  aks: { name: "AKS", size: "count" },
} as const;

/** An accepted change as the account tells it. */
export function changeLine(system: System, change: CloudChange): string {
  const { pool, began } = system.clouds.pool(change.pool);
  const { name, size } = CLOUDS[cloudOf(pool)];
  const before = changesOf({ system }, pool.name).findLast(({ at, nodes }) => at < change.at && nodes !== null);
  const what =
    change.nodes === null
      ? `removes ${change.removes.join(", ")}`
      : `${size} ${before?.nodes ?? began} → ${change.nodes}`;
  return line(name, `${change.call} ${pool.name}: ${what}, accepted`);
}

/** The clouds' own logs: what vramp asked for a pool, and they accepted. */
export const changesOf = ({ system }: Pick<Happened, "system">, pool: string): readonly CloudChange[] =>
  system.clouds.changes().filter((change) => change.pool === pool && change.accepted);

/** The cloud accepted this size for a pool, since the step began or (`start`) at any time. */
export const asked =
  (pool: string, nodes: number, since: "step" | "start" = "step"): Look =>
  (happened) => {
    const found = changesOf(happened, pool).find(
      (change) => change.nodes === nodes && (since === "start" || change.at >= happened.since),
    );
    return found === undefined ? null : [changeLine(happened.system, found)];
  };

const readyOf = (system: System, workload: string): number =>
  system.clouds.pools.filter((p) => p.workload === workload).reduce((sum, p) => sum + p.ready().length, 0);

/** Each of these pools has exactly so many nodes, all of them ready. */
export const ready =
  (sizes: Readonly<Record<string, number>>): Look =>
  ({ system }) => {
    const pools = Object.entries(sizes).map(([name, nodes]) => ({ nodes, at: system.clouds.pool(name) }));
    if (!pools.every(({ nodes, at }) => at.desired() === nodes && at.ready().length === nodes)) return null;
    const said = pools.map(
      ({ nodes, at }) => `${pools.length === 1 ? "" : `${at.pool.name} `}${nodes} of ${nodes} ready`,
    );
    return [line("nodes", said.join(", "))];
  };

/** Every decision of a workload wanted one of these sizes, wherever its nodes were at the time. */
export function sizesWere(happened: Happened, workload: string, sizes: readonly number[]): Claim {
  const wanted = decisions(happened).filter(({ decision: d }) => d.workload === workload);
  const other = wanted.find(({ decision: d }) => !sizes.includes(d.want))?.decision;
  return {
    says: `${wanted.length} decisions about ${workload} wanted ${sizes.join(" or ")} nodes and no other number`,
    wrong: other === undefined ? null : `${other.want} at ${clockTime(other.at)}: ${other.reason}: ${other.detail}`,
  };
}
