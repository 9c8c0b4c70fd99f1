import { describe, expect, test } from "vitest";
import type { Cause, DemandSample, NodeSight, Sight } from "../world/controller.ts";
import { figuresOf } from "../world/figures.ts";
import { steadyService, worldWith } from "../world/world.fixture.ts";
import { runWorld } from "../world/world.ts";
import { objectivePolicy, policyFor, rulesPolicy, SIGNALS, WORKLOAD } from "./policy.ts";
import { createVramp } from "./vramp.ts";

const WORLD = worldWith();

/** Fifteen minutes of samples with so many waiting, up to 30 s ago. */
const samplesOf = (now: number, waiting: number): readonly DemandSample[] =>
  Array.from({ length: 60 }, (_, i) => ({ at: now - 30 - (59 - i) * 15, waiting, inService: 0, arrivals: 1 }));

const ready = (id: string, noticed = false): NodeSight => ({
  id,
  phase: "ready",
  noticed,
  busy: false,
  requestedAt: 0,
});

function sightOf(now: number, waiting: number, nodes: readonly NodeSight[], updating = false): Sight {
  const cause: Cause = "tick";
  const pool = (name: string, own: readonly NodeSight[]) => ({
    name,
    desired: own.length,
    nodes: own,
    updating,
    capacityError: null,
  });
  const samples = samplesOf(now, waiting);
  return {
    now,
    cause,
    samples,
    live: { at: now, waiting, inService: 0, arrivals: 1 },
    pools: [pool("spot", nodes), pool("od", [])],
  };
}

describe("vramp in the world", () => {
  test("asks by its own rules, for the preferred pool", () => {
    const vramp = createVramp(rulesPolicy(WORLD));
    expect(vramp.act(sightOf(3600, 20, [ready("n1")])).sizes).toMatchObject({ spot: 1 });
    expect(vramp.act(sightOf(3660, 80, [ready("n1")])).sizes).toMatchObject({ spot: 3 });
  });

  test("remembers what the cloud took: a rate that the policy limits counts from it", () => {
    const slow = policyFor(WORLD, {
      scaleUp: { any: [{ signal: SIGNALS.waiting, above: 50, for: "2m" }], add: 2 },
      behavior: { scaleUp: { policies: [{ type: "Nodes", value: 2, periodSeconds: 900 }] } },
    });
    const three = [ready("n1"), ready("n2"), ready("n3")];
    const vramp = createVramp(slow);
    expect(vramp.act(sightOf(3600, 80, [ready("n1")])).sizes.spot).toBe(3);
    vramp.accepted?.([{ pool: "spot", from: 1, to: 3 }], 3600);
    const later = Array.from({ length: 20 }, (_, i) => vramp.act(sightOf(3660 + i * 60, 80, three)).sizes.spot);
    // Fifteen minutes from the change that was taken.
    expect(later.indexOf(5)).toBe(14);
  });

  test("remembers its own recommendations: a size goes down once none of the last five minutes asked for it", () => {
    const vramp = createVramp(policyFor(WORLD, { targets: [{ signal: SIGNALS.waiting, perNode: 10 }] }));
    const five = Array.from({ length: 5 }, (_, i) => ready(`n${i}`));
    expect(vramp.act(sightOf(3600, 0, five)).sizes.spot).toBe(5);
    expect(vramp.act(sightOf(3960, 0, five)).sizes.spot).toBeLessThan(5);
  });

  test("leaves a pool alone while a call is in flight", () => {
    expect(createVramp(rulesPolicy(WORLD)).act(sightOf(3600, 80, [ready("n1")], true)).sizes).toEqual({});
  });

  test("is alerted once, when a condition of its policy begins to hold", () => {
    const vramp = createVramp(rulesPolicy(WORLD));
    const alerts = [80, 80, 20, 80].map((waiting, i) => vramp.alert?.(sightOf(3600 + i * 15, waiting, [ready("n1")])));
    expect(alerts).toEqual([true, false, false, true]);
  });

  test("runs a service under rules from cold", () => {
    const world = worldWith({ demand: steadyService(6) });
    const figures = figuresOf(runWorld(world, createVramp(rulesPolicy(world))));
    expect(figures.unserved).toBe(0);
    expect(figures.spotHours).toBe(figures.nodeHours);
    expect(figures.calls).toBeGreaterThan(0);
  });
});

describe("a policy for a world", () => {
  test("has the world's pools, with market, zone and price", () => {
    expect(policyFor(WORLD, {}).workloads[WORKLOAD]?.pools).toMatchObject([
      { name: "spot", capacity: "spot", zone: "a", pricePerHour: 1 },
      { name: "od", capacity: "on-demand", pricePerHour: 3 },
    ]);
  });

  test("states the outcome, and what a node serves only where the world knows it", () => {
    const of = (world: typeof WORLD) => objectivePolicy(world).workloads[WORKLOAD]?.objective;
    const service = { arrivals: SIGNALS.arrivals, backlog: SIGNALS.waiting, inService: SIGNALS.inService, maxWait: 60 };
    expect(of(WORLD)).toMatchObject({ ...service, perNode: 4, attainment: 0.99 });
    const jobs = worldWith({ demand: { kind: "jobs", jobs: [] }, maxWait: 300 });
    expect(of(jobs)).toMatchObject({ maxWait: 300 });
    expect(of(jobs)?.perNode).toBeUndefined();
  });

  test("that lacks the world's workload is refused", () => {
    const other = { ...policyFor(WORLD, {}), workloads: {} };
    expect(() => createVramp(other)).toThrow(/no workload line; build it with policyFor/);
  });
});
