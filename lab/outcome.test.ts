import { beforeAll, expect, test } from "vitest";
import { bound, SETTINGS, servicePolicy, workloadOf } from "./backtest/backtest.fixture.ts";
import { boundOf } from "./backtest/bound.ts";
import { type Scenario, scenarioOf } from "./backtest/scenario.ts";
import { createPolicyController } from "./controllers/policy-controller.ts";
import { groupsOf, peersOf } from "./peers/index.ts";
import { generateDemand } from "./traces/generated-demand.ts";
import { generateSpot } from "./traces/generated-spot.ts";
import type { Controller } from "./world/controller.ts";
import { type Figures, figuresOf, GATE, type Score, scoreOf } from "./world/figures.ts";
import { runWorld } from "./world/world.ts";

/*
 * What vramp is for, in short: two days of generated demand on three generated spot zones, three seeds. Measured on
 * 2026-11-21: 99.45 % in time, 99.13 % in the worst two days, 1.35 times the bound, 0.69 of the cheapest peer that holds the
 * gate. The limits are about a tenth away from that.
 */
const SEEDS = [1, 2, 3];
const DAYS = 2;
const PEAK_NODES = 14;
/** The policy asks for 0.99; a few days are a small sample. */
const LEAST_IN_TIME = 0.988;
const MOST_TIMES_BOUND = 1.48;
const MOST_OF_PEER = 0.75;

const LENGTH = DAYS * 86_400;
const ZONES = ["a", "b", "c"];
const eks = { region: "us-west-2", cluster: "test", nodegroup: "test" } as const;
const policy = servicePolicy({
  nodes: { min: 0, max: 20 },
  pools: [
    ...ZONES.map((zone) => ({ name: `spot-${zone}`, capacity: "spot" as const, zone, pricePerHour: 0.918, eks })),
    { name: "od", capacity: "on-demand", pricePerHour: 3.06, eks },
  ],
});
const workload = workloadOf(policy);

const scenarios: readonly Scenario[] = SEEDS.map((seed) => {
  const demand = generateDemand({ shape: "day", length: LENGTH, seed, wall: SETTINGS.start }, PEAK_NODES * 4);
  const trace = generateSpot({ zones: ZONES, length: LENGTH, seed });
  const spot = { trace, name: "generated", generated: true };
  return scenarioOf(policy, "chat", workload, demand, spot, { ...SETTINGS, seed });
});

const vramp = ({ start, initial, slots }: Scenario): Controller =>
  createPolicyController({ policy, name: "chat", workload, bindings: bound(policy), start, initial, slots });

function peersIn({ world }: Scenario) {
  const groups = groupsOf(world);
  if (groups === null) throw new Error("the policy lost its on-demand pool");
  return peersOf(world, groups, 1, workload.nodes.max);
}

const run = ({ world }: Scenario, controller: Controller): Figures => figuresOf(runWorld(world, controller));

let ours: Score;
let peers: readonly Score[];
beforeAll(() => {
  ours = scoreOf(scenarios.map((scenario) => run(scenario, vramp(scenario))));
  const runs = scenarios.map((scenario) => peersIn(scenario).map(({ create }) => run(scenario, create())));
  peers = (runs[0] ?? []).map((_, peer) => scoreOf(runs.flatMap((each) => each.slice(peer, peer + 1))));
});

test("vramp by its objective serves as many in time as is wanted", () => {
  expect(ours.attainment).toBeGreaterThan(LEAST_IN_TIME);
  expect(ours.worst).toBeGreaterThan(GATE.worst);
  expect(ours).toMatchObject({ unserved: 0 });
  expect(ours.churn).toBeLessThan(GATE.perGpuHour);
});

test("and costs little more than the least that anybody could pay", () => {
  const least = scenarios.reduce((sum, { world, attainment }) => sum + boundOf(world, attainment), 0);
  expect(ours.cost / least).toBeGreaterThan(1);
  expect(ours.cost / least).toBeLessThan(MOST_TIMES_BOUND);
});

test("and less than the cheapest peer that serves as many", () => {
  const cheapest = Math.min(...peers.filter(({ passes }) => passes).map(({ cost }) => cost));
  expect(cheapest).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(ours.cost / cheapest).toBeLessThan(MOST_OF_PEER);
});
