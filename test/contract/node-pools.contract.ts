import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import { type CloudWorld, expectRefusal, never } from "./cloud-world.ts";

/** What any cloud's adapter must do. `open` makes a fresh world for each test. */
export function nodePoolsContract(name: string, open: () => Promise<CloudWorld>): void {
  describe(`${name}: node pools`, () => {
    let world: CloudWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.stop());

    const observe = (pool: Pool) => world.pools.observe(pool, never);
    const resize = (pool: Pool, nodes: number, key: string = crypto.randomUUID()) =>
      world.pools.resize(pool, nodes, key, never);
    /** Asks for a size and lets the cloud finish. */
    const resized = async (pool: Pool, nodes: number) => {
      const operation = await resize(pool, nodes);
      world.pass(world.settle + world.launch);
      return operation;
    };

    describe("observe", () => {
      it("tells size, bounds, status and nodes of a quiet pool", async () => {
        const pool = world.makePool({ min: 1, max: 5, desired: 2 });

        const state = await observe(pool);

        expect(state).toMatchObject({ desired: 2, ready: 2, noticed: 0, status: "active" });
        expect(state).toMatchObject(world.bounds ?? { min: 1, max: 5 });
        expect(state).toMatchObject({ issues: [], capacityError: null });
        expect(state.nodes).toHaveLength(2);
        expect(new Set(state.nodes?.map((node) => node.id)).size).toBe(2);
      });

      it("tells an empty pool from a missing one", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 0 });

        expect(await observe(pool)).toMatchObject({ desired: 0, ready: 0, nodes: [] });
        await expectRefusal(observe(world.unknownPool()), "NotFound");
      });

      it("counts nodes as ready only once they are", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        await resize(pool, 3);

        expect(await observe(pool)).toMatchObject({ desired: 3, ready: 1, status: "updating", capacityError: null });
        world.pass(world.settle + world.launch);
        expect(await observe(pool)).toMatchObject({ desired: 3, ready: 3, status: "active" });
      });

      it("sees at once what someone else changed [F81]", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.setDesired(pool, 4);

        expect(await observe(pool)).toMatchObject({ desired: 4, ready: 1 });
      });

      it.each([
        ["capacity", "NoCapacity"],
        ["quota", "QuotaExceeded"],
      ] as const)("reports launches that fail for want of %s, with their time [F78] [F79]", async (because, kind) => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.limit(pool, 2, because);
        const asked = world.now();
        await resized(pool, 4);

        const state = await observe(pool);

        expect(state).toMatchObject({ desired: 4, ready: 2, status: "degraded" });
        expect(state.issues.map((issue) => issue.kind)).toEqual([kind]);
        expect(state.capacityError).toBeGreaterThanOrEqual(asked);
        expect(state.capacityError).toBeLessThanOrEqual(world.now());
      });

      it("reports a pool as active again once the nodes came after all", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 0 });
        world.limit(pool, 0, "capacity");
        await resized(pool, 2);
        world.limit(pool, 5, "capacity");
        if (world.launchesOnce === true) await resize(pool, 2);
        world.pass(world.launch + 2 * 60);

        expect(await observe(pool)).toMatchObject({ ready: 2, status: "active", issues: [], capacityError: null });
      });
    });

    describe("resize", () => {
      it.each([
        ["up", 5],
        ["down", 1],
        ["to zero", 0],
        ["to what it is", 3],
        ["below the cloud's minimum", 1],
      ])("goes %s to exactly the size", async (_, nodes) => {
        const pool = world.makePool({ min: 2, max: 5, desired: 3 });

        const operation = await resized(pool, nodes);

        expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
        expect(await observe(pool)).toMatchObject({ desired: nodes, ready: nodes, status: "active" });
      });

      it("changes nothing but the size [T17]", async () => {
        const pool = world.makePool({ min: 2, max: 5, desired: 3 });
        const before = world.rest(pool);

        await resized(pool, 0);
        await resized(pool, 5);

        expect(world.rest(pool)).toEqual(before);
      });

      it("takes the same key twice as one request, even when the first has ended", async () => {
        const pool = world.makePool({ min: 2, max: 5, desired: 3 });

        const first = await resize(pool, 1, "intent-1");
        const again = await resize(pool, 1, "intent-1");
        world.pass(world.settle);
        const late = await resize(pool, 1, "intent-1");

        if (world.keyless === true) expect(world.changes()).toHaveLength(1);
        else expect([again, late]).toEqual([first, first]);
        for (const operation of [first, again, late])
          expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
        expect((await observe(pool)).desired).toBe(1);
      });

      it("refuses another change while one is under way as Busy, and takes it afterwards [F77]", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        await resize(pool, 2);

        const error = await expectRefusal(resize(pool, 3), "Busy");
        expect(error.retryable).toBe(true);
        expect((await observe(pool)).desired).toBe(2);
        world.pass(world.settle);
        await resize(pool, 3);
        expect((await observe(pool)).desired).toBe(3);
      });

      it("refuses a size above the cloud's maximum, naming both, and asks for nothing [F86]", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });

        const { max } = await observe(pool);

        const error = await expectRefusal(resize(pool, max + 1), "Invalid");

        expect(error.message).toMatch(new RegExp(`\\b${max + 1}\\b.*\\b${max}\\b`));
        expect(world.changes()).toEqual([]);
      });

      it("refuses an unknown pool as NotFound [F85]", async () => {
        await expectRefusal(resize(world.unknownPool(), 1), "NotFound");
      });

      it("takes a change while launches fail", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.limit(pool, 1, "capacity");
        await resized(pool, 3);

        await resized(pool, 1);

        expect(await observe(pool)).toMatchObject({ desired: 1, ready: 1, capacityError: null });
      });
    });

    describe("remove", () => {
      const remove = (pool: Pool, nodes: readonly string[], key: string = crypto.randomUUID()) =>
        world.pools.remove(pool, nodes, key, never);
      const idsOf = async (pool: Pool): Promise<readonly string[]> =>
        ((await observe(pool)).nodes ?? []).map((node) => node.id);
      /** A pool of four nodes, and their ids. */
      const four = async (min = 0) => {
        const pool = world.makePool({ min, max: 5, desired: 4 });
        const [a = "", b = "", c = "", d = ""] = await idsOf(pool);
        return { pool, a, b, c, d };
      };
      /** Asks run after run, as vramp does: where a cloud must lower a minimum first, the first run does only that. */
      const removed = async (pool: Pool, nodes: readonly string[]) => {
        for (let run = 0; run < 2; run++) {
          const operation = await remove(pool, nodes);
          world.pass(world.settle + world.launch);
          expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
        }
      };

      it("removes exactly the named nodes and takes them off the size", async () => {
        const { pool, a, b, c, d } = await four();

        const operation = await remove(pool, [b, d]);
        world.pass(world.settle + world.launch);

        expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
        expect(await observe(pool)).toMatchObject({ desired: 2, ready: 2, status: "active" });
        expect(new Set(await idsOf(pool))).toEqual(new Set([a, c]));
      });

      it("removes the last node", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });

        await removed(pool, await idsOf(pool));

        expect(await observe(pool)).toMatchObject({ desired: 0, ready: 0, nodes: [] });
      });

      it("removes nodes below the cloud's minimum, and no other node on the way", async () => {
        const { pool, a, b, c, d } = await four(3);
        const before = world.rest(pool);

        await removed(pool, [a, b, c]);

        expect(await observe(pool)).toMatchObject({ desired: 1, ready: 1, status: "active" });
        expect(await idsOf(pool)).toEqual([d]);
        expect(world.rest(pool)).toEqual(before);
      });

      it("takes the same nodes off once, however often it is asked", async () => {
        const { pool, a, b } = await four();

        await remove(pool, [a, b], "intent-1");
        // A cloud that takes one change at a time may say so.
        await remove(pool, [a, b], "intent-1").catch((error: unknown) => expect(error).toMatchObject({ kind: "Busy" }));
        world.pass(world.settle);
        await remove(pool, [a, b], "intent-1");
        world.pass(world.settle + world.launch);
        await remove(pool, [a, b], "intent-2");
        world.pass(world.settle + world.launch);

        expect(await observe(pool)).toMatchObject({ desired: 2, ready: 2 });
      });

      it("takes a node that is already gone as removed", async () => {
        const { pool, a, b, c, d } = await four();
        await removed(pool, [a]);

        await removed(pool, [a, b]);

        expect(await observe(pool)).toMatchObject({ desired: 2, ready: 2 });
        expect(new Set(await idsOf(pool))).toEqual(new Set([c, d]));
      });

      it.each([
        ["another pool's node", () => world.foreignNode()],
        ["what is no provider id", () => "node-1"],
      ])("refuses %s, and then removes none of the others either", async (_, other) => {
        const { pool, a } = await four();
        const foreign = other();

        const error = await expectRefusal(remove(pool, [a, foreign]), "Invalid");

        expect(error.message).toContain(foreign.split("/").at(-1));
        expect(world.changes()).toEqual([]);
        expect(await observe(pool)).toMatchObject({ desired: 4, ready: 4 });
      });

      it("refuses an unknown pool as NotFound", async () => {
        const node = world.foreignNode();

        await expectRefusal(remove(world.unknownPool(), [node]), "NotFound");
      });

      it("removes one node when the reply to its removal is lost", async () => {
        const { pool, a } = await four();
        world.fault("lost", "change", 1);

        // Where the adapter cannot tell by itself, the next run's repetition must.
        await remove(pool, [a], "intent-1").catch((error: unknown) => expect(error).toMatchObject({ retryable: true }));
        world.pass(world.settle + world.launch);
        await remove(pool, [a], "intent-1");
        world.pass(world.settle + world.launch);

        expect(await observe(pool)).toMatchObject({ desired: 3, ready: 3 });
      });

      it("gives up as soon as the run's time is over", async () => {
        const { pool, a } = await four();
        const over = new AbortController();
        world.fault("hang", "any", 10);

        const outcome = expectRefusal(world.pools.remove(pool, [a], "intent-1", over.signal), "Unavailable");
        over.abort();

        await outcome;
        expect(world.changes()).toEqual([]);
      });
    });

    describe("poll", () => {
      it("goes from running to succeeded", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        const operation = await resize(pool, 2);

        expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "running" });
        world.pass(world.settle);
        expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
      });

      it("tells why a change failed that the cloud had accepted [F80]", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.failNextChange(pool);
        const operation = await resized(pool, 2);

        expect(await world.pools.poll(pool, operation, never)).toMatchObject({
          kind: "failed",
          error: { kind: "NoCapacity" },
        });
        expect((await observe(pool)).desired).toBe(1);
      });

      it("reports an operation that the cloud does not know as NotFound", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });

        await expectRefusal(world.pools.poll(pool, { pool: pool.name, token: crypto.randomUUID() }, never), "NotFound");
      });
    });

    describe("when the cloud fails", () => {
      it.each([
        ["throttle", "Throttled"],
        ["5xx", "Unavailable"],
        ["reset", "Unavailable"],
        ["hang", "Unavailable"],
      ] as const)("gives up on %s after a bounded number of tries, as %s [F76]", async (fault, kind) => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.fault(fault, "any", world.attempts);
        const before = performance.now();

        const error = await expectRefusal(observe(pool), kind);

        expect(error.retryable).toBe(true);
        expect(world.callCount()).toBe(world.attempts);
        expect((performance.now() - before) / 1000).toBeLessThan(world.patience);
      });

      it.each(["denied", "badJson"] as const)("gives %s one try and one typed outcome", async (fault) => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.fault(fault, "any", 1);

        const error = await expectRefusal(observe(pool), fault === "denied" ? "Forbidden" : "Unavailable");

        expect(error.retryable).toBe(fault !== "denied");
        expect(world.callCount()).toBe(1);
        expect(await observe(pool)).toMatchObject({ desired: 1 });
      });

      it("names the permission that a denied change lacks [F84]", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.fault("denied", "change", 1);

        await expectRefusal(resize(pool, 2), "Forbidden");

        expect((await observe(pool)).desired).toBe(1);
      });

      it.each(["throttle", "5xx", "reset", "hang"] as const)("gets over one %s by itself [F76]", async (fault) => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        world.fault(fault, "change", 1);

        await resize(pool, 3);

        expect((await observe(pool)).desired).toBe(3);
        expect(world.changes().filter((change) => change.accepted)).toHaveLength(1);
      });

      it("makes one change of a change whose reply is lost [F67]", async () => {
        const pool = world.makePool({ min: 2, max: 5, desired: 3 });
        world.fault("lost", "change", 1);

        const operation = await resize(pool, 1);

        world.pass(world.settle);
        expect(await world.pools.poll(pool, operation, never)).toEqual({ kind: "succeeded" });
        expect((await observe(pool)).desired).toBe(1);
      });

      it("gives up as soon as the run's time is over", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        const over = new AbortController();
        world.fault("hang", "any", 10);

        const outcomes = [
          world.pools.observe(pool, over.signal),
          world.pools.resize(pool, 2, "intent-1", over.signal),
          world.pools.poll(pool, { pool: pool.name, token: "1" }, over.signal),
        ].map((promise) => expectRefusal(promise, "Unavailable"));
        over.abort();

        await Promise.all(outcomes);
        expect(world.callCount()).toBeLessThanOrEqual(3);
        expect(world.changes()).toEqual([]);
      });

      it("does not try a change again once the run's time is over", async () => {
        const pool = world.makePool({ min: 0, max: 5, desired: 1 });
        const over = new AbortController();
        world.fault("hang", "change", 10);
        const outcome = expectRefusal(world.pools.resize(pool, 2, "intent-1", over.signal), "Unavailable");

        await vi.waitFor(() => expect(world.changes()).toHaveLength(1), { interval: 5 });
        over.abort();

        await outcome;
        expect(world.changes()).toHaveLength(1);
      });
    });
  });
}
