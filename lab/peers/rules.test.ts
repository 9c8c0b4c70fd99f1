import { expect, test } from "vitest";
import type { NodeSight, PoolSight } from "../world/controller.ts";
import { createRules } from "./rules.ts";

const GROUPS = { spot: ["a", "b", "c"], onDemand: "od" };

/** A pool of `nodes` that are ready, of which the last `noticed` are under notice. */
function pool(name: string, nodes: number, { noticed = 0, desired = nodes, refusedAt = null as number | null } = {}) {
  const all = Array.from(
    { length: nodes },
    (_, i): NodeSight => ({
      id: `${name}-${i}`,
      phase: "ready",
      noticed: i >= nodes - noticed,
      busy: false,
      requestedAt: 0,
    }),
  );
  return { name, desired, nodes: all, updating: false, capacityError: refusedAt };
}

/** The rules for four nodes, and what they answer to a sight. */
function rules() {
  const { act } = createRules(GROUPS, { od: 4 });
  return (now: number, waiting: number, pools: readonly PoolSight[]) =>
    act({ now, cause: "tick", samples: [], live: { at: now, waiting, inService: 0, arrivals: 0 }, pools }).sizes;
}

test("two more after two minutes over 50, in turn, and two more only after another two", () => {
  const look = rules();
  const pools = [pool("a", 0), pool("b", 0), pool("c", 0), pool("od", 4)];
  for (let now = 0; now < 120; now += 15) expect(look(now, 51, pools)).toEqual({ a: 0, b: 0, c: 0, od: 4 });
  const grown = [pool("a", 0, { desired: 1 }), pool("b", 0, { desired: 1 }), pool("c", 0), pool("od", 4)];
  expect(look(120, 51, pools)).toEqual({ a: 1, b: 1, c: 0, od: 4 });
  for (let now = 135; now < 255; now += 15) expect(look(now, 51, grown)).toEqual({ a: 1, b: 1, c: 0, od: 4 });
  expect(look(255, 51, grown)).toEqual({ a: 2, b: 1, c: 1, od: 4 });
});

test("one less after fifteen minutes under 10: on demand first, then from the largest zone", () => {
  const look = rules();
  const quiet = (pools: readonly PoolSight[], from: number) => {
    for (let now = from; now < from + 900; now += 15) look(now, 9, pools);
    return look(from + 900, 9, pools);
  };
  expect(quiet([pool("a", 1), pool("b", 2), pool("c", 0), pool("od", 1)], 0)).toEqual({ a: 1, b: 2, c: 0, od: 0 });
  expect(quiet([pool("a", 1), pool("b", 2), pool("c", 0), pool("od", 0)], 915)).toEqual({ a: 1, b: 1, c: 0, od: 0 });
});

test("what is under notice is asked for in another zone while it still serves", () => {
  const look = rules();
  const pools = [pool("a", 2, { noticed: 2, refusedAt: 100 }), pool("b", 2), pool("c", 0), pool("od", 0)];
  expect(look(100, 20, pools)).toEqual({ a: 2, b: 3, c: 1, od: 0 });
});

test("what is refused is asked for in a zone that did not refuse within two minutes, and on demand where all did", () => {
  const look = rules();
  const refused = (refusedAt: number) => ({ desired: 2, refusedAt });
  const first = [pool("a", 2), pool("b", 0, refused(100)), pool("c", 0), pool("od", 0)];
  expect(look(100, 20, first)).toEqual({ a: 3, b: 0, c: 1, od: 0 });
  const all = [pool("a", 2, refused(150)), pool("b", 0, { refusedAt: 100 }), pool("c", 0, refused(150)), pool("od", 0)];
  expect(look(150, 20, all)).toEqual({ a: 2, b: 0, c: 0, od: 2 });
});
