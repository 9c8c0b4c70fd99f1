import { describe, expect, test } from "vitest";
import { figuresOf } from "./figures.ts";
import { from, HOUR, PLENTIFUL, scripted, steadyService, steps, worldWith } from "./world.fixture.ts";
import { runWorld } from "./world.ts";

const QUIET = steadyService(0);
const phaseAt = (controller: ReturnType<typeof scripted>, now: number, pool = "od") =>
  controller.seen
    .find((s) => s.now === now)
    ?.pools.find((p) => p.name === pool)
    ?.nodes.map((n) => n.phase);

describe("a node", () => {
  test("is billed 30 s after its request, ready after its boot, and billed until it is gone", () => {
    const controller = scripted(({ now }) => ({ sizes: { od: now >= HOUR ? 0 : now >= 60 ? 1 : 0 } }), { every: 10 });
    const { pools } = runWorld(worldWith({ demand: QUIET }), controller);
    expect(phaseAt(controller, 80)).toEqual(["requested"]);
    expect(phaseAt(controller, 90)).toEqual(["booting"]);
    expect(phaseAt(controller, 290)).toEqual(["booting"]);
    expect(phaseAt(controller, 300)).toEqual(["ready"]);
    // From 60 + 30 to the hour, when it drains, and ends with the next step.
    expect(pools.find((p) => p.pool.name === "od")?.billed).toBe(HOUR - 90 + 10);
  });

  test("is billed for a minute at least, and not at all when it is withdrawn before it is granted", () => {
    const brief = (until: number) =>
      runWorld(
        worldWith({ demand: QUIET }),
        scripted(({ now }) => ({ sizes: { od: now < until ? 1 : 0 } }), { every: 10 }),
      );
    expect(figuresOf(brief(40)).nodeHours * HOUR).toBe(60);
    expect(figuresOf(brief(20)).nodeHours).toBe(0);
  });
});

describe("spot", () => {
  test("that is not there is refused, seen after 30 s, and asked for again each minute while it is desired", () => {
    const world = worldWith({ demand: QUIET, length: 600, spot: { a: steps([0, 0]) } });
    const asking = scripted(from(0, { spot: 2 }));
    const { pools } = runWorld(world, asking);
    expect(asking.seen.find((s) => s.cause === "capacityError")).toMatchObject({ now: 30 });
    expect(asking.seen.at(-1)?.pools[0]?.capacityError).toBe(570);
    expect(pools[0]).toMatchObject({ failedLaunches: 20, billed: 0 });
  });

  test("that falls away notices the newest nodes, which die 120 s later and are replaced when there is more", () => {
    const world = worldWith({ demand: QUIET, spot: { a: steps([0, 64], [3600, 1], [5000, 64]) } });
    const controller = scripted(({ now }) => ({ sizes: { spot: now < 600 ? 1 : 2 } }));
    runWorld(world, controller);
    const noticed = controller.seen.find((s) => s.cause === "interruption");
    expect(noticed?.now).toBe(3600);
    expect(noticed?.pools[0]?.nodes.map((n) => n.noticed)).toEqual([false, true]);
    expect(controller.seen.find((s) => s.now === 3660)?.pools[0]?.nodes).toHaveLength(2);
    const after = controller.seen.find((s) => s.now === 3780)?.pools[0]?.nodes.filter((n) => n.phase === "ready");
    expect(after).toHaveLength(1);
    expect(controller.seen.at(-1)?.pools[0]?.nodes.filter((n) => n.phase === "ready")).toHaveLength(2);
  });
});

describe("a node under notice", () => {
  const gone = { a: steps([0, 64], [600, 0]) };
  const one = () => scripted(() => ({ sizes: {} }), { initial: { spot: 1 }, wokenByEvents: false });

  test("serves requests until 30 s before it dies", () => {
    const options = worldWith({ demand: steadyService(2), spot: gone });
    const { work } = runWorld({ ...options, length: 800 }, one());
    // What comes in 690 of 800 s.
    expect(work.served / work.arrived).toBeCloseTo(690 / 800, 1);
  });

  test("takes no new job, and what it was at goes back to the line with its seconds lost", () => {
    const jobs = (...list: readonly (readonly [number, number])[]) =>
      worldWith({ demand: { kind: "jobs", jobs: list.map(([at, exec]) => ({ at, exec })) }, spot: gone });
    expect(runWorld(jobs([605, 20]), one()).work).toMatchObject({ arrived: 1, served: 0, lost: 0 });
    expect(runWorld(jobs([590, 20]), one()).work).toMatchObject({ served: 1, lost: 0 });
    expect(runWorld(jobs([590, 1000]), one()).work).toMatchObject({ served: 1, lost: 130 });
  });
});

describe("limits", () => {
  test("so many calls a minute are taken, one in flight for a pool, and the rest are refused", () => {
    const busy = scripted(({ now, pools }) => ({ sizes: { od: (pools[1]?.desired ?? 0) + (now < 300 ? 1 : 0) } }), {
      every: 10,
    });
    const options = worldWith({ demand: QUIET, length: 300, calls: { perMinute: 3, inFlight: 20 } });
    const { calls, throttled } = runWorld(options, busy);
    expect(calls).toBe(15);
    expect(throttled).toBe(15);
  });

  test("on-demand nodes end at their cap", () => {
    const { pools } = runWorld(worldWith({ demand: QUIET, onDemandCap: 2 }), scripted(from(0, { od: 5 })));
    const od = pools.find((p) => p.pool.name === "od");
    expect(od?.billed).toBe(2 * (2 * HOUR - 30));
    expect(od?.failedLaunches).toBeGreaterThan(100);
  });

  test("a size that is none is the controller's fault", () => {
    expect(() => runWorld(worldWith(), scripted(from(0, { od: 0.5 })))).toThrow(/od was asked for 0.5 nodes/);
  });
});

describe("metrics", () => {
  test("are sampled every 15 s, and are 15 to 30 s old when they are read", () => {
    const controller = scripted(() => ({ sizes: { od: 1 } }), { every: 10 });
    runWorld(worldWith({ length: 1200 }), controller);
    const ages = controller.seen.slice(10).map((s) => s.now - (s.samples.at(-1)?.at ?? 0));
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...ages)).toBeLessThanOrEqual(30);
    const gaps =
      controller.seen
        .at(-1)
        ?.samples.map((s, i, all) => s.at - (all[i - 1]?.at ?? s.at))
        .slice(1) ?? [];
    expect(gaps.reduce((a, b) => a + b, 0) / gaps.length).toBeCloseTo(15, 0);
  });

  test("get lost as often as is said", () => {
    const controller = scripted(from(0, { od: 1 }), { initial: { od: 1 } });
    runWorld(worldWith({ missingSamples: 0.5 }), controller);
    const samples = controller.seen.at(-1)?.samples.length ?? 0;
    expect(samples).toBeGreaterThan(190);
    expect(samples).toBeLessThan(290);
  });

  test("tell what arrives and what is in service", () => {
    const controller = scripted(from(0, { od: 2 }), { initial: { od: 2 } });
    runWorld(worldWith({ demand: steadyService(4) }), controller);
    const late = controller.seen.at(-1)?.samples.slice(60) ?? [];
    const mean = (of: (s: (typeof late)[number]) => number) => late.reduce((sum, s) => sum + of(s), 0) / late.length;
    expect(mean((s) => s.arrivals)).toBeCloseTo(4, 0);
    // Little: 4 a second, 8 s each.
    expect(mean((s) => s.inService) / 32).toBeCloseTo(1, 1);
    expect(mean((s) => s.waiting)).toBeLessThan(1);
  });
});

describe("a run", () => {
  test("is the same again for the same seed, and its demand is the same under another controller", () => {
    const run = (seed: number, nodes: number) => runWorld(worldWith({ seed }), scripted(from(0, { od: nodes })));
    expect(run(1, 1)).toEqual(run(1, 1));
    expect(run(1, 1).work.arrived).toBe(run(1, 3).work.arrived);
    expect(run(1, 1).work.arrived).not.toBe(run(2, 1).work.arrived);
  });

  test("goes on after the last arrival until everything is served, and is billed for it", () => {
    // Twice what one node serves: it needs as long again.
    const options = worldWith({ demand: steadyService(8, 1), length: HOUR });
    const { work, pools } = runWorld(options, scripted(from(0, { od: 1 }), { initial: { od: 1 } }));
    expect(work.served).toBe(work.arrived);
    expect((pools[1]?.billed ?? 0) / (2 * HOUR)).toBeCloseTo(1, 1);
  });

  test("without nodes serves nobody, and says so", () => {
    const figures = figuresOf(
      runWorld(
        worldWith(),
        scripted(() => ({ sizes: {} })),
      ),
    );
    expect(figures).toMatchObject({ onTime: 0, cost: 0, unserved: figures.arrived });
  });

  test("lets only nodes with a pod serve, for a controller that places pods", () => {
    const answer = (serving: ReadonlySet<string>) => scripted(() => ({ sizes: {}, serving }), { initial: { od: 1 } });
    const served = (ids: readonly string[]) => runWorld(worldWith(), answer(new Set(ids))).work.served;
    expect(served([])).toBe(0);
    expect(served(["od-first-0"])).toBeGreaterThan(0);
  });

  test("refuses a spot pool whose zone the trace lacks", () => {
    expect(() =>
      runWorld(
        worldWith({ spot: { b: PLENTIFUL } }),
        scripted(() => ({ sizes: {} })),
      ),
    ).toThrow(/pool spot is spot in zone a, and the spot trace has no such zone/);
  });
});
