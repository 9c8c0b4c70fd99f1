import { expect, test } from "vitest";
import { classify, DEFAULT_STARTUP, type Replica } from "./classify.ts";

const NOW = 10_000;
const SERVING: Replica = {
  phase: "running",
  deleting: false,
  startedAt: NOW - 1000,
  readiness: { ready: true, since: NOW - 900 },
  sample: { at: NOW, window: 60 },
};

test("a CPU sample is doubted while the replica is younger than the warm-up, not from then on", () => {
  const readiness = { ready: false, since: NOW - 100 };
  const aged = (age: number) => classify({ ...SERVING, readiness, startedAt: NOW - age }, DEFAULT_STARTUP, NOW);
  expect(aged(299)).toBe("unready");
  expect(aged(300)).toBe("counted");
});

test("for other metrics a sample counts, ready or not", () => {
  const readiness = { ready: false, since: NOW };
  expect(classify({ ...SERVING, readiness, startedAt: NOW }, null, NOW)).toBe("counted");
  expect(classify({ ...SERVING, readiness: null, startedAt: null }, null, NOW)).toBe("counted");
});

test("leaving comes before starting, and starting before silence", () => {
  const silent: Replica = { ...SERVING, sample: null };
  expect(classify({ ...silent, phase: "pending", deleting: true }, null, NOW)).toBe("ignored");
  expect(classify({ ...silent, phase: "pending" }, null, NOW)).toBe("unready");
  expect(classify(silent, null, NOW)).toBe("missing");
});
