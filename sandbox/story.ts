import type { StageTrace } from "../shared/model/decision.ts";
import { type EpochSeconds, formatDuration, type Seconds } from "../shared/policy/units.ts";
import type { Outcome } from "../shared/reconcile/reconcile.ts";
import type { Delivered } from "./alert-source.ts";
import type { System } from "./system.ts";

/** What has happened so far, as the story looks at it. */
export interface Happened {
  readonly system: System;
  readonly delivered: readonly Delivered[];
  readonly outcomes: readonly { readonly outcome: Outcome; readonly cause: string }[];
  /** The lowest share of free VRAM seen so far. */
  readonly lowestVram: number;
}

/** One thing that must happen, in order: its lines once it has, null before. */
export interface Step {
  readonly expected: string;
  /** Seconds of the sandbox's clock after the step before. */
  readonly within: Seconds;
  readonly look: (happened: Happened) => readonly string[] | null;
}

/** Tasks a second: the night's trickle, a surge that one node cannot serve, and quiet again. */
export function surge(elapsed: Seconds): number {
  if (elapsed < 60) return 0.6;
  return elapsed < 14 * 60 ? 2.2 : 0.6;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const stageLine = ({ stage, want, reason, detail }: StageTrace): string =>
  `             ${stage.padEnd(10)} ${String(want).padStart(2)}  ${reason.padEnd(14)} ${detail}`;

const inService = (system: System): number =>
  system.nodeGroup.group.instances.filter((i) => i.lifecycle === "InService").length;

/** The update that EKS accepted with this size, from the emulator's own log of calls. */
function acceptedResize({ system }: Happened, size: number) {
  return system.aws.calls.find(
    ({ operation, input, outcome }) =>
      operation === "UpdateNodegroupConfig" && outcome?.status === 200 && desiredIn(input) === size,
  );
}

function desiredIn(input: unknown): unknown {
  const config = typeof input === "object" && input !== null && "scalingConfig" in input ? input.scalingConfig : null;
  return typeof config === "object" && config !== null && "desiredSize" in config ? config.desiredSize : null;
}

const delivery =
  (status: Delivered["status"], name: string) =>
  ({ delivered }: Happened): readonly string[] | null => {
    const found = delivered.find((d) => d.status === status && d.name === name && d.answer === 202);
    return found === undefined ? null : [`alert      ${name} is ${status}: POST /alerts answers 202`];
  };

const decision =
  (from: number, to: number) =>
  ({ outcomes }: Happened): readonly string[] | null => {
    for (const { outcome, cause } of outcomes) {
      if (outcome.kind !== "done") continue;
      const { workload, current, want, reason, stages } = outcome.decision;
      if (current !== from || want !== to) continue;
      return [`decision   ${workload} ${from} → ${to} nodes: ${reason}, woken by ${cause}`, ...stages.map(stageLine)];
    }
    return null;
  };

const staying =
  (at: number) =>
  ({ outcomes }: Happened): readonly string[] | null => {
    const last = outcomes.at(-1)?.outcome;
    if (last?.kind !== "done" || last.decision.current !== at || last.decision.want !== at) return null;
    const { workload, reason, detail } = last.decision;
    return [`decision   ${workload} stays at ${at} nodes: ${reason}: ${detail}`];
  };

const resize =
  (from: number, to: number) =>
  (happened: Happened): readonly string[] | null => {
    const call = acceptedResize(happened, to);
    return call === undefined
      ? null
      : [`EKS        UpdateNodegroupConfig llm-a100: desiredSize ${from} → ${to}, accepted`];
  };

const ready =
  (count: number) =>
  ({ system }: Happened): readonly string[] | null =>
    inService(system) === count && system.nodeGroup.group.bounds.desired === count
      ? [`nodes      ${count} of ${count} ready`]
      : null;

export const STORY: readonly Step[] = [
  {
    expected: "the queue rises above 50",
    within: 300,
    look: ({ system: { fleet, nodeGroup } }) =>
      fleet.queue > 50
        ? [
            `queue      ${fleet.queue} tasks wait for ${nodeGroup.group.bounds.desired} node; ` +
              `GPUs ${percent(fleet.utilisation)} busy, VRAM ${percent(fleet.vramFree)} free`,
          ]
        : null,
  },
  { expected: "the alert fires and is accepted", within: 240, look: delivery("firing", "LLMQueueBuildup") },
  { expected: "vramp decides 1 → 3", within: 120, look: decision(1, 3) },
  { expected: "EKS accepts the resize to 3", within: 120, look: resize(1, 3) },
  { expected: "three nodes are ready", within: 420, look: ready(3) },
  {
    expected: "VRAM headroom recovers to 20 % or more",
    within: 600,
    look: ({ system: { fleet }, lowestVram }) =>
      lowestVram < 0.2 && fleet.vramFree >= 0.2
        ? [`headroom   VRAM ${percent(fleet.vramFree)} free again, it was down to ${percent(lowestVram)}`]
        : null,
  },
  {
    expected: "the queue drains below 10",
    within: 900,
    look: ({ system: { fleet } }) => (fleet.queue < 10 ? [`queue      ${fleet.queue} tasks wait`] : null),
  },
  { expected: "the alert resolves", within: 120, look: delivery("resolved", "LLMQueueBuildup") },
  { expected: "vramp keeps the nodes for now", within: 120, look: staying(3) },
  { expected: "vramp decides 3 → 1", within: 2400, look: decision(3, 1) },
  { expected: "EKS accepts the resize to 1", within: 120, look: resize(3, 1) },
  { expected: "one node is left", within: 420, look: ready(1) },
];

/** How the story ended: `missing` is what did not happen in time. */
export interface Ending {
  readonly took: Seconds;
  readonly missing: string | null;
}

const clockTime = (at: EpochSeconds): string => new Date(at * 1000).toISOString().slice(11, 19);

/** Follows the story step by step and tells it as it happens. */
export async function tell(
  steps: readonly Step[],
  look: () => Happened,
  now: () => EpochSeconds,
  sleep: (duration: Seconds) => Promise<void>,
  say: (line: string) => void,
): Promise<Ending> {
  const began = now();
  for (const { expected, within, look: happensIn } of steps) {
    const deadline = now() + within;
    let lines = happensIn(look());
    while (lines === null && now() < deadline) {
      await sleep(2);
      lines = happensIn(look());
    }
    if (lines === null) return { took: now() - began, missing: `${expected} (waited ${formatDuration(within)})` };
    for (const [i, line] of lines.entries()) say(i === 0 ? `${clockTime(now())}  ${line}` : line);
  }
  return { took: now() - began, missing: null };
}
