import type { Seconds } from "../../../shared/policy/units.ts";
import { type Claim, clockTime, type Happened, type Story } from "../../story.ts";
import { changeLine, changesOf, decisions, gives, line, queueAbove, queueBelow, reason } from "../look.ts";

const WORKLOAD = "training";
const POOL = "train-a100";
/** How long the two jobs take; the second lasts longer than the story. */
const FIRST_JOB: Seconds = 20 * 60;
const SECOND_JOB: Seconds = 120 * 60;

/** A provider id without its path. */
const shortName = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

const removals = (happened: Happened) => changesOf(happened, POOL).filter(({ removes }) => removes.length > 0);

/** Three nodes, two of them at long jobs: demand falls, and only who is idle goes. */
export function busy(): Story {
  let [first, second, idle] = ["", "", ""];

  const removed = (node: () => string) => (happened: Happened) => {
    const found = removals(happened).find(({ removes }) => removes.includes(shortName(node())));
    return found === undefined ? null : [changeLine(happened.system, found)];
  };

  return {
    policy: new URL("policy.yaml", import.meta.url),
    workload: WORKLOAD,
    demand: (elapsed) => (elapsed < 90 ? 2.2 : 0),
    beginnings: { [POOL]: { size: 3 } },
    steps: [
      {
        expected: "two of three nodes take up a long job",
        within: 60,
        act({ system, now }) {
          [first = "", idle = "", second = ""] = system.clouds.pool(POOL).ready();
          system.fleet(WORKLOAD).startJob(first, now + FIRST_JOB);
          system.fleet(WORKLOAD).startJob(second, now + SECOND_JOB);
        },
        look: ({ system }) => [
          line(
            "jobs",
            `${system.fleet(WORKLOAD).jobs.map(shortName).join(" and ")} work; ${shortName(idle)} serves the queue`,
          ),
        ],
      },
      { expected: "tasks wait for the one that serves", within: 120, look: queueAbove(WORKLOAD, 30) },
      { expected: "demand falls, and the queue is empty", within: 300, look: queueBelow(WORKLOAD, 1) },
      { expected: "the idle node is removed by name", within: 900, look: removed(() => idle) },
      { expected: "the others stay because they work", within: 300, look: reason(WORKLOAD, "BusyNodes") },
      {
        expected: "the first job ends",
        within: FIRST_JOB + 60,
        look: ({ system }) =>
          system.fleet(WORKLOAD).jobs.includes(first) ? null : [line("jobs", `${shortName(first)} is done`)],
      },
      { expected: "its node is removed by name", within: 300, look: removed(() => first) },
      {
        expected: "one node is left, at work",
        within: 300,
        look: ({ system }) => {
          const left = system.clouds.pool(POOL);
          return left.desired() === 1 && left.ready().join() === second
            ? [line("nodes", `1 of 1 ready: ${shortName(second)}, at work`)]
            : null;
        },
      },
    ],
    proof: (happened) => [
      onlyByName(happened, [shortName(idle), shortName(first)]),
      noJobLost(happened),
      notBeforeItsJob(happened, first),
    ],
  };
}

/** The log of calls: these nodes went, in this order, by name; and no size was ever set that let the cloud choose. */
function onlyByName(happened: Happened, names: readonly string[]): Claim {
  const gone = removals(happened).flatMap(({ removes }) => removes);
  const sizes = changesOf(happened, POOL).filter(({ nodes }) => nodes !== null);
  const wrong =
    sizes.length > 0
      ? `at ${clockTime(sizes[0]?.at ?? 0)} the size was set to ${sizes[0]?.nodes}`
      : `${gone.join(", ")} were removed`;
  return {
    says: `TerminateInstanceInAutoScalingGroup took ${names.join(", then ")}, and nothing else took any`,
    wrong: sizes.length === 0 && gone.join() === names.join() ? null : wrong,
  };
}

function noJobLost({ system }: Happened): Claim {
  const { lostJobs } = system.fleet(WORKLOAD);
  return { says: "no job was lost", wrong: lostJobs === 0 ? null : `${lostJobs} were` };
}

function notBeforeItsJob(happened: Happened, node: string): Claim {
  const waited = decisions(happened).filter(({ decision }) => gives(decision, "BusyNodes")).length;
  const call = removals(happened).find(({ removes }) => removes.includes(shortName(node)));
  const done = happened.system.startedAt + FIRST_JOB;
  return {
    says: `${shortName(node)} stayed until its job ended, through ${waited} looks`,
    wrong: call !== undefined && call.at >= done && waited > 0 ? null : `it went at ${clockTime(call?.at ?? 0)}`,
  };
}
