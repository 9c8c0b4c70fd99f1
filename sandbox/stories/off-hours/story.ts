import { type EpochSeconds, formatDuration, type Seconds } from "../../../shared/policy/units.ts";
import { type Claim, clockTime, type Happened, type Step, type Story } from "../../story.ts";
import { changesOf, line, ready, reason } from "../look.ts";

/** A Monday evening in UTC, and the policy's night. */
const at = (hour: number, minute: number): EpochSeconds => Date.UTC(2027, 0, 18, hour, minute) / 1000;
const START = at(21, 49);
const NIGHT = at(22, 0);
const MORNING = at(22, 30);
/** As the policy has it: how long a size that someone else set is left alone. */
const RESPECTED: Seconds = 7 * 60;

const POOLS = { chat: "chat-eks", vision: "vision-gke", embedding: "embed-aks" } as const;
const ALL = Object.values(POOLS);
const all = (nodes: number): Readonly<Record<string, number>> => Object.fromEntries(ALL.map((name) => [name, nodes]));

/** Waits for a time of the story. */
const until = (time: EpochSeconds, says: string): Step => ({
  expected: `it is ${clockTime(time)}`,
  within: 3600,
  look: ({ now }) => (now >= time ? [line("clock", says)] : null),
});

/** Someone else, a cluster autoscaler perhaps, sets a pool's size behind vramp's back. */
const outsider = (pool: string, nodes: number): Pick<Step, "act"> => ({
  act: ({ system }) => system.clouds.pool(pool).setDesired(nodes),
});

/** Three services on three clouds: at zero by night, back in time, and what becomes of others' changes. */
export function offHours(): Story {
  let changedAt: EpochSeconds | null = null;
  /** When all three pools were ready again; null before. */
  let backAt: EpochSeconds | null = null;
  return {
    policy: new URL("policy.yaml", import.meta.url),
    workload: "chat",
    demand: (elapsed) => (START + elapsed < NIGHT - 120 || START + elapsed >= MORNING ? 0.3 : 0),
    beginnings: {
      [POOLS.chat]: { size: 1, min: 1 },
      [POOLS.vision]: { size: 1 },
      [POOLS.embedding]: { size: 1 },
    },
    start: START,
    watch(happened) {
      if (backAt === null && happened.now > at(22, 10) && ready(all(1))(happened) !== null) backAt = happened.now;
    },
    steps: [
      until(at(21, 51), "one node at each of EKS, GKE and AKS; at 22:00 the night begins"),
      {
        expected: "someone raises the node group on EKS, and vramp leaves it alone",
        within: 180,
        act({ system, now }) {
          changedAt = now;
          system.clouds.pool(POOLS.chat).setDesired(2);
        },
        look: reason("chat", "ExternalChange"),
      },
      {
        expected: "after seven minutes vramp takes it back",
        within: 600,
        look: ({ system, now }) => {
          const found = changesOf({ system }, POOLS.chat).find(
            ({ nodes, removes }) => nodes === 1 || removes.length > 0,
          );
          return found === undefined
            ? null
            : [line("EKS", `${found.call} ${POOLS.chat}: back to 1, at ${clockTime(now)}`)];
        },
      },
      until(NIGHT, "the night begins"),
      { expected: "all three pools are at zero", within: 300, look: ready(all(0)) },
      until(at(22, 5), "all is quiet"),
      {
        expected: "someone raises the node pool on GKE, and vramp notices",
        within: 180,
        ...outsider(POOLS.vision, 1),
        look: reason("vision", "BouncedBack"),
      },
      { expected: "vramp takes it back to zero", within: 420, look: ready(all(0)) },
      {
        expected: "before the morning all three pools are asked for",
        within: 1500,
        look: ({ system }) =>
          ALL.every((name) => system.clouds.pool(name).desired() === 1)
            ? [line("nodes", `${ALL.join(", ")}: 1 node each is asked for`)]
            : null,
      },
      { expected: "and ready", within: 600, look: ready(all(1)) },
      until(MORNING, "the morning begins"),
    ],
    proof: (happened) => [
      zeroAtEach(happened),
      respected(happened, changedAt ?? 0),
      inTime(backAt),
      noTugOfWar(happened),
    ],
  };
}

/** Each cloud accepted a size of zero, in its own way. */
function zeroAtEach(happened: Happened): Claim {
  const missing = ALL.filter(
    (name) => !changesOf(happened, name).some(({ at: when, nodes }) => nodes === 0 && when >= NIGHT),
  );
  const { eks, aks } = happened.system.clouds;
  const minimum = eks?.pools[0]?.nodeGroup.scaling.minSize;
  const autoscaler = aks?.aks.agentPool("embed").autoscaler ?? null;
  return {
    says: "EKS took a minimum and a size of 0, GKE a size of 0, AKS a count of 0 without an autoscaler",
    wrong:
      missing.length > 0
        ? `no call for a size of 0 was accepted for ${missing.join(", ")}`
        : minimum === 0 && autoscaler === null
          ? null
          : `the node group's minimum is ${minimum}, and the agent pool has ${autoscaler === null ? "no" : "an"} autoscaler`,
  };
}

/** Nothing took the outsider's node away before its time was over. */
function respected(happened: Happened, since: EpochSeconds): Claim {
  const early = changesOf(happened, POOLS.chat).find(({ at: when }) => when > since && when < since + RESPECTED);
  return {
    says: `what someone set at ${clockTime(since)} by day was left alone for ${formatDuration(RESPECTED)}`,
    wrong: early === undefined ? null : `${early.call} at ${clockTime(early.at)}`,
  };
}

function inTime(backAt: EpochSeconds | null): Claim {
  return {
    says: `all three pools were ready by ${clockTime(MORNING)}`,
    wrong: backAt === null ? "they never were" : backAt <= MORNING ? null : `the last one was at ${clockTime(backAt)}`,
  };
}

/** Once vramp had undone the outsider's change it asked for nothing more until the morning's lead. */
function noTugOfWar(happened: Happened): Claim {
  const calls = changesOf(happened, POOLS.vision).filter(({ at: when }) => when >= NIGHT && when < MORNING);
  const sizes = calls.map(({ nodes }) => nodes);
  return {
    says: "at GKE the night took three calls: to zero, to zero again, and to one for the morning",
    wrong: sizes.join() === "0,0,1" ? null : `it took ${sizes.length}: ${sizes.join(", ")}`,
  };
}
