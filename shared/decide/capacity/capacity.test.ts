import { describe, expect, it } from "vitest";
import { MINUTE } from "../../../test/support/fleet.ts";
import { onDemandPool, PoolWorld, spotPool } from "./pools.fixture.ts";

const SPOT_FIRST = [spotPool("spot"), onDemandPool("od")];

describe("a workload on spot, with on-demand behind it", () => {
  it("stands on spot while spot delivers", () => {
    const world = new PoolWorld(SPOT_FIRST, 3);
    world.run(10);
    expect(world.desired()).toEqual({ spot: 3, od: 0 });
    expect(world.changes()).toHaveLength(1);
  });

  it("keeps the on-demand base, and spot above it", () => {
    const world = new PoolWorld(SPOT_FIRST, 3, { spot: { onDemandBase: 2 } });
    world.run(10);
    expect(world.desired()).toEqual({ spot: 1, od: 2 });
  });

  it("falls back for what spot does not give, and takes the failed request back so that nothing is paid twice [F78]", () => {
    const world = new PoolWorld(SPOT_FIRST, 3);
    world.pool("spot").room = 1;
    world.run(3);
    expect(world.desired()).toEqual({ spot: 1, od: 2 });
    expect(world.seen.map((s) => s.reason)).toContain("FellBack");
    world.run(4);
    expect(world.ready()).toBe(3);
  });

  it("asks a failing pool ever more rarely, with one node [F78]", () => {
    const world = new PoolWorld(SPOT_FIRST, 3);
    world.pool("spot").room = 0;
    world.run(240);
    const asked = world.changes().filter(({ pools }) => (pools.spot?.to ?? 0) > (pools.spot?.from ?? 0));
    expect(asked[0]?.pools.spot?.to).toBe(3);
    expect(asked.slice(1).every(({ pools }) => pools.spot?.to === 1)).toBe(true);
    // Every half an hour, and the first of them half an hour after the failure: not before `returnAfter`.
    expect(asked.length).toBeGreaterThanOrEqual(6);
    expect(asked.length).toBeLessThanOrEqual(9);
    expect(world.ready()).toBe(3);
  });

  it("leaves a probe out until the cloud has answered it, or for fallbackAfter", () => {
    const world = new PoolWorld([spotPool("spot")], 1, { spot: { fallbackAfter: "8m" } });
    world.pool("spot").room = 0;
    world.run(4);
    world.pool("spot").silent = true;
    world.run(12);
    const asked = world.changes().filter(({ pools }) => pools.spot?.from === 0 && pools.spot.to === 1);
    const taken = world.changes().filter(({ pools }) => pools.spot?.from === 1 && pools.spot.to === 0);
    expect([asked.length, taken.length]).toEqual([2, 2]);
    // It counts from the look that first sees the node owed, a minute after it was asked for.
    expect((taken[1]?.now ?? 0) - (asked[1]?.now ?? 0)).toBe(9 * MINUTE);
  });

  it("returns to spot once it delivers again, a node for a node that is ready", () => {
    const world = new PoolWorld(SPOT_FIRST, 3);
    world.pool("spot").room = 0;
    world.run(15);
    expect(world.desired()).toEqual({ spot: 0, od: 3 });
    world.pool("spot").room = 100;
    const from = world.seen.length;
    world.run(60);
    expect(world.desired()).toEqual({ spot: 3, od: 0 });
    for (const { pools } of world.seen.slice(from)) {
      const surviving = Object.values(pools).reduce((sum, p) => sum + Math.min(p.ready, p.to), 0);
      expect(surviving).toBeGreaterThanOrEqual(3);
    }
    expect(world.seen.map((s) => s.reason)).toContain("ReturnedToSpot");
    // The size was three all along: what was on top for a while was no growth.
    expect(new Set(world.seen.map((s) => s.want))).toEqual(new Set([3]));
  });

  it("stays where it is when a guard forbids the switch", () => {
    const guards = [
      { name: "release", when: { signal: "queue", above: -1, for: "1m" }, blocks: ["capacitySwitch" as const] },
    ];
    // The signal is not there, and a guard whose signal is unknown is in force.
    const world = new PoolWorld(SPOT_FIRST, 3, { guards });
    world.pool("spot").room = 0;
    world.run(15);
    world.pool("spot").room = 100;
    world.run(60);
    expect(world.desired()).toEqual({ spot: 0, od: 3 });
  });

  it("replaces nodes under notice before they go, and counts them no more once they are gone [F83]", () => {
    const world = new PoolWorld(SPOT_FIRST, 3);
    world.run(10);
    world.pool("spot").noticed = 2;
    const notice = world.look();
    expect(notice).toMatchObject({ reason: "Interrupted", want: 3 });
    expect(world.desired()).toEqual({ spot: 5, od: 0 });
    world.reclaim("spot");
    world.pool("spot").room = 100;
    world.run(10);
    expect(world.desired()).toEqual({ spot: 3, od: 0 });
    expect(world.ready()).toBe(3);
  });

  it("asks nobody for more than nodes.max while it moves", () => {
    const world = new PoolWorld(SPOT_FIRST, 4, { nodes: { min: 0, max: 5 } });
    world.pool("spot").room = 0;
    world.run(15);
    world.pool("spot").room = 100;
    world.run(120);
    expect(world.desired()).toEqual({ spot: 4, od: 0 });
    for (const { pools } of world.seen) {
      expect(Object.values(pools).reduce((sum, p) => sum + p.to, 0)).toBeLessThanOrEqual(5);
    }
  });

  it("says so when no pool has a node to give", () => {
    const world = new PoolWorld(SPOT_FIRST, 2);
    for (const name of ["spot", "od"]) world.pool(name).room = 0;
    world.run(6);
    expect(world.seen.at(-1)).toMatchObject({ want: 2, reason: "NoCapacity" });
    for (const name of ["spot", "od"]) world.pool(name).room = 100;
    world.run(90);
    expect(world.ready()).toBe(2);
  });
});

describe("several spot pools", () => {
  const zones = (prices: readonly number[]) =>
    prices.map((pricePerHour, i) => spotPool(`z${i}`, { pricePerHour, zone: `us-west-2${"abc"[i]}` }));

  it("that differ by their zone are filled from the cheapest", () => {
    const world = new PoolWorld([...zones([2, 1, 1.5]), onDemandPool("od")], 2);
    world.run(10);
    expect(world.desired()).toEqual({ z0: 0, z1: 2, z2: 0, od: 0 });
  });

  it("without zones are filled as the policy lists them, whatever they cost", () => {
    const world = new PoolWorld([spotPool("dear", { pricePerHour: 2 }), spotPool("cheap"), onDemandPool("od")], 2);
    world.run(10);
    expect(world.desired()).toEqual({ dear: 2, cheap: 0, od: 0 });
  });

  it("are tried one after the other before on-demand is", () => {
    const world = new PoolWorld([...zones([1, 1, 1]), onDemandPool("od")], 4);
    world.pool("z0").room = 1;
    world.pool("z1").room = 2;
    world.run(10);
    expect(world.desired()).toEqual({ z0: 1, z1: 2, z2: 1, od: 0 });
  });
});
