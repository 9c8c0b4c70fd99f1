import { describe, expect, test } from "vitest";
import { createJobs } from "./jobs.ts";
import { readyNode } from "./node.ts";
import { createRandom } from "./random.ts";
import { createService } from "./service.ts";

const nodes = (count: number) => Array.from({ length: count }, (_, i) => readyNode(`n${i}`));

describe("a service", () => {
  const burst = { kind: "service", interval: 10, means: [1200], rate: 4, slots: 32 } as const;

  test("takes up requests first come, first served, and counts those that waited too long", () => {
    const service = createService(burst, 10, 60, createRandom(1));
    const three = nodes(3);
    for (let now = 0; now < 200; now += 10) service.step(now, three);
    const { arrived, served, onTime, breaches } = service.tally();
    expect(served).toBe(arrived);
    // 12 a second: seven steps, those of 0 to 60 s, are on time.
    expect(onTime).toBe(7 * 120);
    expect(breaches).toEqual([Math.ceil((arrived - 840) / 120) * 10 - 10].filter((length) => length > 0));
  });

  test("has as many in service as fill its slots when it is at its limit", () => {
    const service = createService(burst, 10, 60, createRandom(1));
    service.step(0, nodes(2));
    expect(service.inService(10)).toBe(64);
  });

  test("takes up what a slow node leaves over of a step in a later one", () => {
    const slow = { ...burst, means: [100], rate: 0.05, slots: 1 };
    const service = createService(slow, 10, 60, createRandom(1));
    for (let now = 0; now < 400; now += 10) service.step(now, nodes(1));
    expect(service.tally().served).toBe(20);
  });
});

describe("a queue of jobs", () => {
  const queue = (...jobs: readonly (readonly [at: number, exec: number])[]) =>
    createJobs({ kind: "jobs", jobs: jobs.map(([at, exec]) => ({ at, exec })) }, 1000, 30);

  test("runs one on a node at a time, to the second", () => {
    const jobs = queue([0, 13], [2, 13], [3, 13]);
    const [node] = nodes(1);
    if (node === undefined) throw new Error("no node");
    for (let now = 0; now < 40; now += 10) jobs.step(now, [node]);
    expect(node.busyUntil).toBe(39);
    expect(jobs.tally()).toMatchObject({ arrived: 3, served: 3, onTime: 3 });
  });

  test("counts a wait from arrival to start", () => {
    const jobs = queue([0, 40], [5, 1]);
    const one = nodes(1);
    for (let now = 0; now < 100; now += 10) jobs.step(now, one);
    expect(jobs.tally()).toMatchObject({ served: 2, onTime: 1 });
  });

  test("puts a job that is cut off back at the head, begins it anew and counts what is lost", () => {
    const jobs = queue([0, 100], [1, 5]);
    const [first, second] = [readyNode("a"), readyNode("b")];
    jobs.step(0, [first]);
    jobs.cutOff(first, 40);
    expect(jobs.waiting()).toBe(2);
    jobs.step(40, [second]);
    expect(second.busyUntil).toBe(140);
    expect(jobs.tally()).toMatchObject({ lost: 40, served: 1, onTime: 1 });
  });

  test("keeps a draining node until its job is done", () => {
    const jobs = queue([0, 25]);
    const node = readyNode("a");
    jobs.step(0, [node]);
    expect(jobs.idle(node, 20)).toBe(false);
    expect(jobs.idle(node, 30)).toBe(true);
  });
});
