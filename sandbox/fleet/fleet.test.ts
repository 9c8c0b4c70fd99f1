import { beforeEach, expect, it } from "vitest";
import { createFleet, type Fleet } from "./fleet.ts";

let nodes: string[];
let fleet: Fleet;
beforeEach(() => {
  nodes = ["a", "b"];
  fleet = createFleet({
    workload: "llm",
    nodes: () => nodes,
    demand: () => 2,
    perNode: 1.5,
    gpusPerNode: 1,
    start: 0,
  });
});

const working = () =>
  fleet
    .metrics()
    .flatMap(({ name, labels, value }) => (name === "vramp:gpu_jobs_running" && value > 0 ? [labels.provider_id] : []));

it("serves the queue with every node that has no long job", () => {
  fleet.advance(10);
  expect(fleet.queue).toBe(0);

  fleet.startJob("a", 100);
  fleet.advance(20);
  expect(fleet.queue).toBe(5);
});

it("says of each node whether it works, until its job has ended", () => {
  fleet = createFleet({ workload: "llm", nodes: () => nodes, demand: () => 0, perNode: 1, gpusPerNode: 1, start: 0 });
  fleet.startJob("a", 5);
  expect(working()).toEqual(["a"]);

  fleet.advance(6);
  expect(working()).toEqual([]);
  expect(fleet.lostJobs).toBe(0);
});

it("loses a job with its node", () => {
  fleet.startJob("a", 100);
  nodes = ["b"];
  fleet.advance(5);
  expect({ lost: fleet.lostJobs, jobs: fleet.jobs }).toEqual({ lost: 1, jobs: [] });
});
