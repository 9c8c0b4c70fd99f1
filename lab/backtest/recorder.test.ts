import { describe, expect, test } from "vitest";
import { objectivePolicy, rulesPolicy, SIGNALS, WORKLOAD } from "../controllers/policy.ts";
import { createPolicyController } from "../controllers/policy-controller.ts";
import { createVramp } from "../controllers/vramp.ts";
import { groupsOf, PEERS, peersOf } from "../peers/index.ts";
import { from, HOUR, scripted, steadyService, steps, worldWith } from "../world/world.fixture.ts";
import { runWorld } from "../world/world.ts";
import { runRecorded, upShares } from "./recorder.ts";

/** Spot that goes and comes back, and demand that needs two nodes or three. */
const WORLD = worldWith({
  demand: steadyService(9, 6),
  length: 6 * HOUR,
  spot: { a: steps([0, 64], [HOUR, 0], [2 * HOUR, 64], [4 * HOUR, 1]) },
});

const JOBS = worldWith({
  demand: {
    kind: "jobs",
    jobs: Array.from({ length: 80 }, (_, i) => ({ at: i * 150 + 7, exec: 100 + (i % 10) * 30 })),
  },
  spot: { a: steps([0, 64], [4000, 0], [5000, 64]) },
  length: 3 * HOUR + 1200,
  maxWait: 300,
});

/** The benchmark's policies in the benchmark's world, by way of what a user's policy takes. */
const ourOwn = (world: typeof WORLD, policy: ReturnType<typeof rulesPolicy>) => {
  const workload = policy.workloads[WORKLOAD];
  if (workload === undefined) throw new Error("the policy lost its workload");
  const measure = {
    [SIGNALS.arrivals]: "arrivals",
    [SIGNALS.waiting]: "waiting",
    [SIGNALS.inService]: "inFlight",
  } as const;
  return createPolicyController({
    policy,
    name: WORKLOAD,
    workload,
    bindings: Object.values(SIGNALS).map((signal) => ({
      signal,
      source: { kind: "measure", measure: measure[signal], factor: 1 },
      by: "option",
    })),
    start: Date.UTC(2026, 0, 5) / 1000,
    initial: { od: 1 },
    slots: world.demand.kind === "service" ? world.demand.slots : 1,
  });
};

describe("a recorded run", () => {
  test.each([
    ["service", WORLD],
    ["jobs", JOBS],
  ])("of a %s is the run that it would have been unwatched, under every policy", (_kind, world) => {
    const policies = [rulesPolicy(world), objectivePolicy(world)].map((policy) => () => createVramp(policy, { od: 1 }));
    const peers = PEERS.map(
      ({ create }) =>
        () =>
          create(world),
    );
    for (const create of [...policies, ...peers]) {
      const [alone, watched] = [create(), create()];
      if (alone === null || watched === null) continue;
      expect(runRecorded(world, watched).tally).toEqual(runWorld(world, alone));
    }
  });

  test("counts a service's waits exactly: those in time are those that the world counts in time", () => {
    const controller = createVramp(rulesPolicy(WORLD), { od: 1 });
    const { tally, waits, end } = runRecorded(WORLD, controller);
    const { arrived, onTime, served } = tally.work;
    expect(onTime).toBeLessThan(arrived);
    expect(waits.started()).toBe(served);
    const share = onTime / arrived;
    expect(waits.percentile(share, end)).toBeLessThanOrEqual(60);
    expect(waits.percentile(share + 1 / arrived, end)).toBeGreaterThan(60);
    // Besides the steps that the world calls late, those in which the last of the late ones are taken up.
    const length = (spells: readonly number[]) => spells.reduce((sum, spell) => sum + spell, 0);
    const extra = length(waits.breaches().map((breach) => breach.length)) - length(tally.work.breaches);
    expect(extra).toBeGreaterThanOrEqual(0);
    expect(extra).toBeLessThanOrEqual(60 * tally.work.breaches.length);
    expect(waits.breaching()).toBe(false);
    const late = waits.breaches().reduce((sum, breach) => sum + breach.late, 0);
    expect(late).toBe(arrived - onTime);
  });

  test("counts the waits of jobs to the step, each once, though some were cut off", () => {
    const { tally, waits, end } = runRecorded(JOBS, scripted(from(0, { spot: 2 }), { initial: { spot: 1 } }));
    expect(tally.work.lost).toBeGreaterThan(0);
    expect(waits.started()).toBe(tally.work.served);
    const share = tally.work.onTime / tally.work.arrived;
    expect(waits.percentile(share - 0.01, end)).toBeLessThanOrEqual(310);
    expect(waits.percentile(share + 0.01, end)).toBeGreaterThanOrEqual(290);
  });

  test("counts those who are never served as waiting to the end", () => {
    const { waits, end } = runRecorded(
      worldWith(),
      scripted(() => ({ sizes: {} })),
    );
    expect(waits.percentile(0.99, end)).toBeGreaterThan(2 * HOUR);
    expect(waits.longest(end)).toBe(end);
  });

  test("tells sizes and demand over time", () => {
    const { moments } = runRecorded(WORLD, scripted(from(0, { od: 3 }), { initial: { od: 3 } }));
    expect(moments.slice(0, 360).every(({ ready }) => ready.od === 3)).toBe(true);
    const arrivals = moments.slice(0, 360).map((moment) => moment.arrivals);
    expect(arrivals.reduce((a, b) => a + b, 0) / 360).toBeCloseTo(9, 0);
  });

  test("tells the share of the time that a zone was up", () => {
    const shares = upShares(WORLD, "a");
    expect([shares[0], shares[59], shares[60], shares[119], shares[120]]).toEqual([1, 1, 0, 0, 1]);
  });
});

describe("a user's policy in the world", () => {
  test.each([
    ["rules", rulesPolicy],
    ["an objective", objectivePolicy],
  ])("by %s does what the benchmark's vramp does", (_how, policyFor) => {
    const policy = policyFor(WORLD);
    expect(runWorld(WORLD, ourOwn(WORLD, policy))).toEqual(runWorld(WORLD, createVramp(policy, { od: 1 })));
  });
});

test("the peers are the benchmark's, where a node is the benchmark's", () => {
  const groups = groupsOf(WORLD);
  if (groups === null) throw new Error("the world lost its on-demand pool");
  const ours = peersOf(WORLD, groups, 1, 64);
  expect(ours.map(({ name }) => name).toSorted()).toEqual(PEERS.map(({ name }) => name).toSorted());
  for (const { name, create } of ours) {
    const theirs = PEERS.find((peer) => peer.name === name)?.create(WORLD);
    if (theirs === null || theirs === undefined) throw new Error(`${name} is not the benchmark's`);
    expect(runWorld(WORLD, create())).toEqual(runWorld(WORLD, theirs));
  }
});
