import fc from "fast-check";
import { expect, test } from "vitest";
import type { Schedule } from "../../policy/schema/schedules.ts";
import { schedule as scheduleSchema } from "../../policy/schema/schedules.ts";
import { at, OFFICE } from "./calendar.fixture.ts";
import { windowsInForce } from "./windows.ts";

const HOUR = 3600;

const STEP = HOUR / 2;
const half = fc.integer({ min: 0, max: 47 });
const weekdays = fc.constantFrom("*", "1-5", "0,6", "3");
const boundary = fc.tuple(half, weekdays).map(([h, days]) => ({
  text: `${h % 2 === 0 ? 0 : 30} ${Math.floor(h / 2)} * * ${days}`,
  fires: (t: number) => {
    const date = new Date(t * 1000);
    const day = date.getUTCDay();
    const onDay =
      { "*": true, "1-5": day >= 1 && day <= 5, "0,6": day === 0 || day === 6, "3": day === 3 }[days] ?? false;
    return onDay && date.getUTCHours() * 2 + date.getUTCMinutes() / 30 === h;
  },
}));
const nodes = fc.oneof(
  fc.record({ exactly: fc.nat(3) }),
  fc.record({ min: fc.nat(3) }),
  fc.record({ max: fc.nat(3) }),
  fc.record({ min: fc.nat(3), max: fc.nat(3) }),
);
const plan = fc.array(fc.record({ start: boundary, end: boundary, nodes, lead: fc.constantFrom(0, STEP, 5 * STEP) }), {
  minLength: 1,
  maxLength: 4,
});

test("any schedules come to what replaying every boundary comes to [F22] [F23]", () => {
  const from = at("2026-11-01T00:00:00Z");
  fc.assert(
    fc.property(plan, fc.integer({ min: 16 * 48, max: 30 * 48 }), (planned, steps) => {
      const now = from + steps * STEP;
      const schedules = planned.map((p, i) => ({
        name: `w${i}`,
        start: p.start.text,
        end: p.end.text,
        nodes: p.nodes,
        lead: p.lead,
      }));
      // Replay: each start opens (again), each end closes, ends first.
      const openedAt = planned.map(() => Number.NaN);
      for (let t = from; t <= now; t += STEP)
        planned.forEach((p, i) => {
          if (p.end.fires(t)) openedAt[i] = Number.NaN;
          if (p.start.fires(t)) openedAt[i] = t;
        });
      const latest = Math.max(...openedAt.filter((t) => !Number.isNaN(t)), Number.NEGATIVE_INFINITY);
      const ruling = planned.filter((_, i) => openedAt[i] === latest).map((p): Schedule["nodes"] => p.nodes);
      const numbers = (key: "exactly" | "max" | "min") => ruling.flatMap((n) => n[key] ?? []);
      let floor: number | null = numbers("min").length > 0 ? Math.max(...numbers("min")) : null;
      let ceiling: number | null = numbers("max").length > 0 ? Math.min(...numbers("max")) : null;
      if (floor !== null && ceiling !== null) floor = Math.min(floor, ceiling);
      if (numbers("exactly").length > 0) floor = ceiling = Math.min(...numbers("exactly"));
      // Leads: the next start of each, if it is near enough.
      for (const p of planned) {
        const own: Schedule["nodes"] = p.nodes;
        const need = own.exactly ?? Math.min(own.min ?? 0, own.max ?? 99);
        for (let t = now + STEP; t <= now + p.lead; t += STEP)
          if (p.start.fires(t) && need > (floor ?? 0)) {
            floor = need;
            if (ceiling !== null) ceiling = Math.max(ceiling, need);
          }
      }

      expect(windowsInForce(schedules, "UTC", now)).toMatchObject({ floor, ceiling });
    }),
    { numRuns: 250 },
  );
});

test("late, early, repeated and out-of-order looks give the same answer as a first look [F22] [F23] [F24]", () => {
  const schedules = [...OFFICE, { name: "batch", start: "30 1 * * *", end: "30 2 * * *", nodes: { min: 5 } }];
  const instant = fc.integer({ min: at("2027-10-25T00:00:00Z"), max: at("2027-11-12T00:00:00Z") });
  fc.assert(
    fc.property(fc.array(instant, { minLength: 1, maxLength: 12 }), (instants) => {
      for (const now of instants) {
        const remembered = windowsInForce(schedules, "America/New_York", now);
        expect(windowsInForce(schedules, "America/New_York", now)).toBe(remembered);
        expect(remembered).toEqual(windowsInForce([...schedules], "America/New_York", now));
      }
    }),
    { numRuns: 40 },
  );
});

test("nothing that the schema accepts makes it throw", () => {
  const odd = fc.oneof(
    fc.constantFrom(
      "*",
      "?",
      "*/5",
      "L",
      "LW",
      "15W",
      "1#5",
      "5L",
      "mon-fri",
      "99",
      "-1",
      "1-",
      "*/0",
      "0-59/7",
      "1:2",
      "__proto__",
    ),
    fc.string({ minLength: 1, maxLength: 6 }).filter((s) => /^\S+$/.test(s)),
  );
  const expression = fc.array(odd, { minLength: 5, maxLength: 5 }).map((fields) => fields.join(" "));
  const zone = fc.oneof(fc.constantFrom("UTC", "Europe/Berlin", "+02:00", "Nowhere/At_All"), fc.string());
  const nodeCounts = fc.constantFrom({ exactly: 0 }, { min: 2 }, { max: 1 }, { min: 3, max: 1 });
  fc.assert(
    fc.property(
      expression,
      expression,
      zone,
      nodeCounts,
      fc.constantFrom("0s", "15m", "900w"),
      (start, end, timeZone, nodes, lead) => {
        const schedule = scheduleSchema.parse({ name: "any", start, end, timeZone, nodes, lead });
        const state = windowsInForce([schedule], "UTC", at("2026-11-21T12:00:00Z"));
        if (state.ceiling !== null) expect(state.floor ?? 0).toBeLessThanOrEqual(state.ceiling);
      },
    ),
    { numRuns: 500 },
  );
});
