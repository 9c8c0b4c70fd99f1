import type { Seconds } from "../../shared/policy/units.ts";
import type { TracedJob } from "../traces/demand.ts";
import { createBreaches } from "./breaches.ts";
import type { Node } from "./node.ts";
import { type JobDemand, STEP } from "./options.ts";
import type { Work } from "./work.ts";

/** A job in the line, or on a node since `startedAt`. */
interface Job extends TracedJob {
  startedAt: Seconds;
  /** Whether its first start is already counted: a job that was cut off is not late or on time twice. */
  counted: boolean;
}

/** The node that is free first, of those that are free before `until`. */
function freeFirst(nodes: readonly Node[], until: Seconds): Node | undefined {
  let first: Node | undefined;
  for (const node of nodes) {
    if (node.busyUntil < until && (first === undefined || node.busyUntil < first.busyUntil)) first = node;
  }
  return first;
}

/**
 * A line of jobs: first come, first served, one on a node at a time, to the second within a step. A job that is cut off goes
 * back to the head of the line and begins anew; what it had run is lost.
 */
export function createJobs(demand: JobDemand, length: Seconds, maxWait: Seconds): Work {
  const coming = demand.jobs.filter((job) => job.at < length);
  const line: Job[] = [];
  const running = new Map<string, Job>();
  const breaches = createBreaches();
  let [next, arrivedNow, onTime, served, lost] = [0, 0, 0, 0, 0];

  const arrive = (until: Seconds) => {
    const before = next;
    for (let job = coming[next]; job !== undefined && job.at < until; job = coming[next]) {
      line.push({ ...job, startedAt: 0, counted: false });
      next += 1;
    }
    arrivedNow = next - before;
  };

  const start = (job: Job, node: Node, at: Seconds) => {
    job.startedAt = at;
    node.busyUntil = at + job.exec;
    running.set(node.id, job);
    if (!job.counted && at - job.at <= maxWait) onTime += 1;
    if (!job.counted) served += 1;
    job.counted = true;
  };

  return {
    step: (now, serving) => {
      const until = now + STEP;
      arrive(until);
      for (let job = line[0]; job !== undefined; job = line[0]) {
        const node = freeFirst(serving, until);
        if (node === undefined) break;
        line.shift();
        start(job, node, Math.max(now, job.at, node.busyUntil));
      }
      const oldest = line[0];
      breaches.note(oldest !== undefined && now - oldest.at > maxWait, STEP);
    },
    cutOff: (node, now) => {
      const job = running.get(node.id);
      running.delete(node.id);
      if (job === undefined || node.busyUntil <= now) return;
      lost += now - job.startedAt;
      line.unshift(job);
    },
    idle: (node, now) => node.busyUntil <= now,
    waiting: () => line.length,
    inService: (now) => {
      let busy = 0;
      for (const job of running.values()) if (job.startedAt + job.exec > now) busy += 1;
      return busy;
    },
    arrivedInStep: () => arrivedNow,
    done: () => line.length === 0 && next === coming.length,
    tally: () => ({ arrived: next, onTime, served, lost, breaches: breaches.spells() }),
  };
}
