import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onDemandPool, PoolWorld, type Seen, spotPool } from "./pools.fixture.ts";

/** Cases for each law; `RUNS=1000` looks harder. */
const RUNS = { numRuns: Number(process.env.RUNS ?? 60) };
const MAX = 8;

/** What happens to the clouds and to the wish, and how many minutes pass then. */
const event = fc.oneof(
  fc.record({ kind: fc.constant("room" as const), pool: fc.nat(3), to: fc.nat(6) }),
  fc.record({ kind: fc.constant("want" as const), to: fc.nat(MAX) }),
  fc.record({ kind: fc.constant("notice" as const), pool: fc.nat(1), nodes: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant("reclaim" as const), pool: fc.nat(1) }),
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
const history = fc.array(fc.tuple(event, fc.integer({ min: 1, max: 40 })), { maxLength: 12 });
const workload = fc.record({
  onDemandBase: fc.nat(2),
  returnAfter: fc.constantFrom("0s", "10m", "30m"),
  fallbackAfter: fc.constantFrom("2m", "8m"),
});

const NAMES = ["spot-a", "spot-b", "od-a", "od-b"] as const;
const pools = [
  spotPool("spot-a", { zone: "a" }),
  spotPool("spot-b", { zone: "b", pricePerHour: 0.5 }),
  onDemandPool("od-a"),
  onDemandPool("od-b", { pricePerHour: 4 }),
];

function happen(world: PoolWorld, what: Event): void {
  if (what.kind === "want") {
    world.want = what.to;
    return;
  }
  const name = NAMES[what.pool] ?? "spot-a";
  const pool = world.pool(name);
  if (what.kind === "room") pool.room = what.to;
  if (what.kind === "notice") pool.noticed = Math.min(what.nodes, world.readyOf(pool));
  if (what.kind === "reclaim") world.reclaim(name);
}

function lived(steps: readonly (readonly [Event, number])[], spot: Parameters<typeof world>[1]): PoolWorld {
  const made = world(4, spot);
  for (const [what, minutes] of steps) {
    happen(made, what);
    made.run(minutes);
  }
  return made;
}

const world = (want: number, spot: Record<string, string | number>): PoolWorld =>
  new PoolWorld(pools, want, { spot, nodes: { min: 0, max: MAX } });

const sum = (seen: Seen, part: (p: Seen["pools"][string]) => number): number =>
  Object.values(seen.pools).reduce((total, p) => total + part(p), 0);

describe("through any weather", () => {
  it("the pools are never asked for more than nodes.max in sum, nor for a fraction or less than nothing", () => {
    fc.assert(
      fc.property(history, workload, (steps, spot) => {
        for (const seen of lived(steps, spot).seen) {
          expect(sum(seen, (p) => p.to)).toBeLessThanOrEqual(
            Math.max(
              MAX,
              sum(seen, (p) => p.from),
            ),
          );
          for (const { to } of Object.values(seen.pools)) expect(Number.isSafeInteger(to) && to >= 0).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("no move takes the ready nodes below what is wanted, or below what there are [F87]", () => {
    fc.assert(
      fc.property(history, workload, (steps, spot) => {
        for (const seen of lived(steps, spot).seen) {
          const ready = sum(seen, (p) => p.ready);
          const surviving = sum(seen, (p) => Math.min(p.ready, p.to));
          expect(surviving).toBeGreaterThanOrEqual(Math.min(seen.want, ready));
        }
      }),
      RUNS,
    );
  });

  it("it comes to rest at the wanted size, on the best pools, once the clouds have room again", () => {
    fc.assert(
      fc.property(history, workload, fc.integer({ min: 1, max: MAX - 2 }), (steps, spot, want) => {
        const made = lived(steps, spot);
        for (const name of NAMES) Object.assign(made.pool(name), { room: 100, noticed: 0 });
        made.want = want;
        made.run(180);
        const base = Math.min(spot.onDemandBase, want);
        expect(made.desired()).toEqual({ "spot-a": 0, "spot-b": want - base, "od-a": base, "od-b": 0 });
        const atRest = made.changes().length;
        made.run(60);
        expect(made.changes()).toHaveLength(atRest);
      }),
      RUNS,
    );
  });

  it("a cloud without room is asked a bounded number of times, and the others carry the load [F78]", () => {
    fc.assert(
      fc.property(workload, fc.integer({ min: 1, max: 6 }), (spot, want) => {
        const made = world(want, spot);
        for (const name of ["spot-a", "spot-b"]) made.pool(name).room = 0;
        made.run(12 * 60);
        expect(made.ready()).toBe(want);
        // At most two an hour and pool once the backoff is at its longest, each a request and its taking back, and what led there.
        expect(made.changes().length).toBeLessThanOrEqual(2 * 2 * 2 * 12 + 20);
      }),
      RUNS,
    );
  });
});
