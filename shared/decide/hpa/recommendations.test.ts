import { expect, test } from "vitest";
import { trimRecommendations } from "./recommendations.ts";

const NOW = 1000;
const entry = (age: number, nodes: number) => ({ at: NOW - age, nodes });

test("a steady load leaves one entry, the newest", () => {
  const steady = [entry(240, 4), entry(180, 4), entry(120, 4), entry(0, 4)];
  expect(trimRecommendations(steady, NOW, { up: 300, down: 300 })).toEqual([entry(0, 4)]);
});

test("an entry stays while it is the lowest or the highest since", () => {
  const log = [entry(200, 9), entry(150, 1), entry(100, 5), entry(50, 7), entry(0, 3)];
  expect(trimRecommendations(log, NOW, { up: 300, down: 300 })).toEqual([
    entry(200, 9),
    entry(150, 1),
    entry(50, 7),
    entry(0, 3),
  ]);
});

test("an up window of zero keeps no low entries", () => {
  const log = [entry(200, 9), entry(150, 1), entry(0, 3)];
  expect(trimRecommendations(log, NOW, { up: 0, down: 300 })).toEqual([entry(200, 9), entry(0, 3)]);
});

test("what both windows have left behind goes, wherever it is listed", () => {
  const log = [entry(10, 3), entry(400, 9), entry(301, 8), entry(20, 5)];
  expect(trimRecommendations(log, NOW, { up: 60, down: 300 })).toEqual([entry(20, 5), entry(10, 3)]);
});
