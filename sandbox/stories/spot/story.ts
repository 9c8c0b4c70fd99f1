import { type EpochSeconds, formatDuration, type Seconds } from "../../../shared/policy/units.ts";
import type { EksCloudPool } from "../../pools/eks.ts";
import { type Claim, clockTime, type Happened, type Story } from "../../story.ts";
import type { System } from "../../system.ts";
import { alert, asked, changesOf, decision, line, queueAbove, queueBelow, ready, reason, sizesWere } from "../look.ts";
import { type ReadyHistory, readyHistory } from "../ready-history.ts";

const WORKLOAD = "worker-llm";
const SPOT = "llm-spot";
const ON_DEMAND = "llm-ondemand";
/** As the policy has it. */
const BACKOFF: Seconds = 240;

function poolOf(system: System, name: string): EksCloudPool {
  const found = system.clouds.eks?.pools.find(({ pool }) => pool.name === name);
  if (found === undefined) throw new Error(`the story's policy has no EKS pool ${name}`);
  return found;
}

/** Launches that EC2 refused, oldest first. */
const refusals = (system: System) =>
  poolOf(system, SPOT)
    .nodeGroup.group.activities.newestFirst.filter(({ status }) => status === "Failed")
    .toReversed();

/** Spot stocks out, on-demand takes over, spot comes back make-before-break, and an interrupted spot node is replaced. */
export function spot(): Story {
  /** When spot capacity came back, and which node was interrupted; null before. */
  let backAt: EpochSeconds | null = null;
  let interrupted: { readonly id: string; readonly at: EpochSeconds; readonly gone: EpochSeconds } | null = null;

  const isGone = (system: System): boolean =>
    !poolOf(system, SPOT).nodeGroup.group.instances.some(
      ({ id, lifecycle }) => id === interrupted?.id && lifecycle !== "Terminating:Wait",
    );

  return {
    policy: new URL("policy.yaml", import.meta.url),
    workload: WORKLOAD,
    demand: (elapsed) => (elapsed < 60 ? 0.6 : elapsed < 240 ? 2.8 : 2),
    beginnings: { [SPOT]: { size: 1 }, [ON_DEMAND]: { size: 0 } },
    steps: [
      {
        expected: "the queue rises above 50",
        within: 300,
        act: ({ system }) => system.clouds.pool(SPOT).limit(1, "capacity"),
        look: queueAbove(WORKLOAD, 50),
      },
      { expected: "the alert fires and is accepted", within: 240, look: alert("firing", "LLMQueueBuildup") },
      { expected: "vramp decides 1 → 3", within: 120, look: decision(WORKLOAD, 1, 3) },
      { expected: "spot is asked for 3 nodes", within: 120, look: asked(SPOT, 3, "start") },
      {
        expected: "EC2 has no spot instance to give",
        within: 120,
        look({ system }) {
          const [first] = refusals(system);
          return first === undefined ? null : [line("EC2", `${SPOT}: ${first.message}`)];
        },
      },
      { expected: "vramp falls back", within: 300, look: reason(WORKLOAD, "FellBack") },
      { expected: "on-demand is asked for what spot did not give", within: 60, look: asked(ON_DEMAND, 2) },
      { expected: "what spot owes is taken back", within: 120, look: asked(SPOT, 1, "start") },
      { expected: "spot has 1 node and on-demand 2", within: 420, look: ready({ [SPOT]: 1, [ON_DEMAND]: 2 }) },
      { expected: "the queue drains below 10", within: 900, look: queueBelow(WORKLOAD, 10) },
      {
        expected: "spot is tried with one node",
        within: 900,
        act({ system, now }) {
          backAt = now;
          system.clouds.pool(SPOT).limit(Number.POSITIVE_INFINITY, "capacity");
        },
        look: asked(SPOT, 2),
      },
      {
        expected: "the spot node is ready beside the others",
        within: 420,
        look: ({ system }) => (poolOf(system, SPOT).ready().length >= 2 ? [line("nodes", `${SPOT} 2 ready`)] : null),
      },
      { expected: "nodes return to spot", within: 300, look: reason(WORKLOAD, "ReturnedToSpot") },
      { expected: "on-demand gives way", within: 900, look: asked(ON_DEMAND, 0) },
      { expected: "all three nodes are spot", within: 900, look: ready({ [SPOT]: 3, [ON_DEMAND]: 0 }) },
      {
        expected: "vramp hears of an interruption",
        within: 60,
        async act({ system, now }) {
          const pool = poolOf(system, SPOT);
          const id = pool.nodeGroup.group.instances[0]?.id ?? "";
          interrupted = { id, at: now, gone: await system.interrupt(pool, id) };
        },
        look: reason(WORKLOAD, "Interrupted"),
      },
      {
        expected: "the interrupted node is gone",
        within: 240,
        look: ({ system }) =>
          interrupted !== null && isGone(system)
            ? [
                line(
                  "EC2",
                  `${interrupted.id} is taken back, after a notice of ${formatDuration(interrupted.gone - interrupted.at)}`,
                ),
              ]
            : null,
      },
      { expected: "three nodes are ready again", within: 600, look: ready({ [SPOT]: 3, [ON_DEMAND]: 0 }) },
    ],
    proof: (happened) => [
      stockOutIsReported(happened),
      backoffIsKept(happened),
      makesBeforeItBreaks(happened, backAt ?? happened.now, interrupted?.at ?? happened.now),
      spotIsReadyFirst(happened, backAt ?? happened.now),
      replacedIsTheInterrupted(happened, interrupted?.id ?? ""),
      losesOneNode(happened, interrupted?.at ?? happened.now),
      sizesWere(happened, WORKLOAD, [1, 3]),
    ],
  };
}

function stockOutIsReported({ system }: Happened): Claim {
  const [first] = refusals(system);
  const text = first?.message ?? "";
  return {
    says: `EC2 refused spot launches for want of capacity (${refusals(system).length} times)`,
    wrong: text.includes("InsufficientInstanceCapacity") ? null : `the Auto Scaling group's activities say "${text}"`,
  };
}

function backoffIsKept(happened: Happened): Claim {
  const [first] = refusals(happened.system);
  const from = first?.start ?? happened.now;
  const early = changesOf(happened, SPOT).find(
    ({ at, nodes }) => at > from && at < from + BACKOFF && nodes !== null && nodes > 1,
  );
  return {
    says: `spot was left alone for ${formatDuration(BACKOFF)} after its first refusal`,
    wrong: early === undefined ? null : `it was asked for ${early.nodes} nodes at ${clockTime(early.at)}`,
  };
}

const bothHistories = (system: System): readonly [ReadyHistory, ReadyHistory] => [
  readyHistory(poolOf(system, SPOT).nodeGroup),
  readyHistory(poolOf(system, ON_DEMAND).nodeGroup),
];

/** From the return of the capacity to the interruption, no moment has fewer ready nodes than the first. */
function makesBeforeItBreaks({ system }: Happened, from: EpochSeconds, to: EpochSeconds): Claim {
  const histories = bothHistories(system);
  const readyAt = (time: EpochSeconds): number => histories.reduce((sum, history) => sum + history.at(time), 0);
  const before = readyAt(from);
  const moments = histories.flatMap(({ changes }) => changes).filter((at) => at >= from && at < to);
  const short = moments.find((at) => readyAt(at) < before);
  return {
    says: `from ${clockTime(from)} to ${clockTime(to)} never fewer than ${before} nodes were ready, at ${moments.length} changes`,
    wrong: short === undefined ? null : `at ${clockTime(short)} only ${readyAt(short)} were`,
  };
}

/** Each call that made on-demand smaller came when the spot nodes in their place were ready. */
function spotIsReadyFirst(happened: Happened, from: EpochSeconds): Claim {
  const [spotReady, onDemandReady] = bothHistories(happened.system);
  const calls = changesOf(happened, ON_DEMAND).filter(({ at }) => at >= from);
  const needed = spotReady.at(from) + onDemandReady.at(from);
  const early = calls.find(({ at, nodes }) => spotReady.at(at) + (nodes ?? 0) < needed);
  return {
    says: `spot nodes were ready before each of ${calls.length} calls that took on-demand nodes away`,
    wrong:
      calls.length === 0
        ? "no call took any away"
        : early === undefined
          ? null
          : `at ${clockTime(early.at)} on-demand went to ${early.nodes} with ${spotReady.at(early.at)} spot nodes ready`,
  };
}

function replacedIsTheInterrupted({ system }: Happened, id: string): Claim {
  const spot = poolOf(system, SPOT);
  const gone = spot.nodeGroup.group.activities.newestFirst.some(({ description }) =>
    description.endsWith(`Terminating EC2 instance: ${id}`),
  );
  const [now, onDemand] = [spot.ready().length, poolOf(system, ON_DEMAND).ready().length];
  return {
    says: `${id} was taken back and replaced by a spot node`,
    wrong: gone && now === 3 && onDemand === 0 ? null : `${now} spot and ${onDemand} on-demand nodes are ready`,
  };
}

/** The interruption took one node and the replacing of it none. */
function losesOneNode({ system }: Happened, from: EpochSeconds): Claim {
  const histories = bothHistories(system);
  const readyAt = (time: EpochSeconds): number => histories.reduce((sum, history) => sum + history.at(time), 0);
  const moments = histories.flatMap(({ changes }) => changes).filter((at) => at >= from);
  const least = Math.min(...moments.map(readyAt));
  return {
    says: "through the interruption never fewer than two nodes were ready",
    wrong: least >= 2 ? null : `there were ${least}`,
  };
}
