import { describe, expect, test } from "vitest";
import type { NodeSight } from "../world/controller.ts";
import { figuresOf } from "../world/figures.ts";
import type { WorldOptions } from "../world/options.ts";
import { HOUR, PLENTIFUL, scripted, steadyService, steps, worldWith } from "../world/world.fixture.ts";
import { runWorld } from "../world/world.ts";
import { createTurns } from "./groups.ts";
import { createKeda } from "./hpa.ts";
import { PEERS } from "./index.ts";
import { createReplicaSet } from "./replica-set.ts";
import { createStatic } from "./static.ts";

const node = (id: string, phase: NodeSight["phase"] = "ready", noticed = false): NodeSight => ({
  id,
  phase,
  noticed,
  busy: false,
  requestedAt: 0,
});

describe("a replica set", () => {
  test("binds pods to ready nodes and gives up the newest, then waits for a node again", () => {
    const replicas = createReplicaSet();
    const three = [node("a"), node("b"), node("c", "booting")];
    expect([...replicas.place(3, three)]).toEqual(["a", "b"]);
    expect([...replicas.place(3, [node("a"), node("b"), node("c")])]).toEqual(["a", "b", "c"]);
    expect([...replicas.place(2, [node("a"), node("b"), node("c")])]).toEqual(["a", "b"]);
    expect([...replicas.place(2, [node("b"), node("c")])]).toEqual(["b", "c"]);
  });

  test("keeps a pod where a notice came, and puts no new one there", () => {
    const replicas = createReplicaSet();
    replicas.place(1, [node("a")]);
    expect([...replicas.place(2, [node("a", "ready", true), node("b", "ready", true)])]).toEqual(["a"]);
  });
});

describe("KEDA's HPA", () => {
  const sample = (waiting: number) => ({ at: 0, waiting, inService: 0, arrivals: 0 });

  test("doubles or adds four at once, keeps the highest of five minutes, and sleeps after five without load", () => {
    const keda = createKeda({ perPod: 24, maxPods: 64, initialPods: 1 });
    const at = (now: number, waiting: number) => keda.pods(sample(waiting), now, 1);
    expect(at(0, 24 * 20)).toBe(5);
    expect(at(15, 24 * 20)).toBe(10);
    expect(at(30, 24 * 20)).toBe(20);
    expect(at(45, 0)).toBe(20);
    let pods = 20;
    for (let now = 60; now <= 360; now += 15) pods = at(now, 0);
    expect(pods).toBeLessThanOrEqual(1);
    for (let now = 375; now <= 720; now += 15) pods = at(now, 0);
    expect(pods).toBe(0);
    expect(at(750, 1)).toBe(1);
  });
});

test("turns go round, past those to be skipped", () => {
  const turn = createTurns(["a", "b", "c"]);
  const none = () => false;
  expect([turn(none), turn(none), turn((g) => g === "c"), turn(none)]).toEqual(["a", "b", "a", "b"]);
  expect(turn(() => true)).toBeNull();
});

/** Six requests a second for some of four hours and then none, over two spot zones. */
const load = (spot: WorldOptions["spot"], hours = 2): WorldOptions =>
  worldWith({
    length: 4 * HOUR,
    demand: steadyService(6, hours),
    pools: [
      { name: "a", market: "spot", zone: "a", price: 1 },
      { name: "b", market: "spot", zone: "b", price: 1 },
      { name: "od", market: "on-demand", zone: null, price: 3 },
    ],
    spot,
  });
const BOTH = { a: PLENTIFUL, b: PLENTIFUL };
const NONE = { a: steps([0, 0]), b: steps([0, 0]) };
const FIRST_GONE = { a: steps([0, 64], [HOUR, 0]), b: PLENTIFUL };

function measured(name: string, world: WorldOptions) {
  const controller = PEERS.find((peer) => peer.name === name)?.create(world) ?? null;
  if (controller === null) throw new Error(`no peer ${name}`);
  const figures = figuresOf(runWorld(world, controller));
  return { ...figures, attainment: figures.onTime / figures.arrived };
}

describe.each(PEERS.map((peer) => peer.name))("%s", (name) => {
  const plain = measured(name, load(BOTH));

  test("serves nearly everybody in the end, and lets nodes go when nobody comes", () => {
    expect(plain.unserved).toBe(0);
    expect(plain.attainment).toBeGreaterThan(0.7);
    expect(plain.nodeHours).toBeLessThan(0.9 * measured(name, load(BOTH, 4)).nodeHours);
  });

  test("uses spot as far as its name says", () => {
    if (name.includes("on-demand")) expect(plain.spotHours).toBe(0);
    else expect(plain.spotHours / plain.nodeHours).toBeGreaterThan(0.5);
  });

  test("goes on when a zone falls away, and when there is no spot at all", () => {
    for (const spot of [FIRST_GONE, NONE]) {
      const { unserved, attainment } = measured(name, load(spot));
      expect(unserved).toBe(0);
      expect(attainment).toBeGreaterThan(0.6);
    }
  });
});

test("SkyServe has no say over a queue of jobs", () => {
  const world = worldWith({ demand: { kind: "jobs", jobs: [{ at: 0, exec: 1 }] } });
  expect(PEERS.filter((peer) => peer.create(world) === null).map((peer) => peer.name)).toEqual([
    "SkyServe, default",
    "SkyServe, +2 overprovision",
  ]);
});

test("a static size costs what its nodes cost, from beginning to end", () => {
  const figures = figuresOf(runWorld(worldWith(), createStatic("od", 2)));
  expect(figures).toMatchObject({ cost: 2 * 2 * 3, calls: 0, onTime: figures.arrived });
});

test("a controller that does nothing is what the peers are better than", () => {
  const figures = figuresOf(
    runWorld(
      load(BOTH),
      scripted(() => ({ sizes: {} })),
    ),
  );
  expect(figures.onTime).toBe(0);
});
