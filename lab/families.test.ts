import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FAMILIES,
  type Family,
  familyOf,
  loadFamily,
  MORE_FAMILIES,
  serviceDemand,
  WEEK,
  worldOf,
} from "./families.ts";
import { controllerFor } from "./policies.ts";
import { worldWith } from "./world/world.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vramp-families-"));
  await mkdir(join(folder, "demand"));
  await mkdir(join(folder, "spot"));
  await writeFile(join(folder, "demand/jobs.csv"), `t_s,exec_s\n10,5\n100,6\n${WEEK + 99},7\n${WEEK + 100},8\n`);
  const rows = Array.from({ length: 8 * 24 + 1 }, (_, hour) => `${hour * 3600},${hour % 2},1`);
  await writeFile(join(folder, "spot/zones.csv"), ["t_s,a,b", ...rows].join("\n"));
});
afterAll(() => rm(folder, { recursive: true }));

const FAMILY: Family = {
  name: "T",
  title: "test",
  demand: "demand/jobs.csv",
  spot: "spot/zones.csv",
  zones: ["a"],
  from: 100,
  maxWait: 300,
};

test("a service's busiest ten minutes need the peak's nodes", () => {
  const counts = Array.from({ length: 60 }, (_, minute) => (minute >= 20 && minute < 30 ? 500 : 100));
  const { means } = serviceDemand(60, counts, 16);
  // 16 nodes of 4 requests a second, for a minute.
  expect(means[25]).toBeCloseTo(16 * 4 * 60, 9);
  expect(means[0]).toBeCloseTo((16 * 4 * 60) / 5, 9);
});

describe("a family's week", () => {
  test("begins where the family says, and its spot at the offset", async () => {
    const loaded = await loadFamily(FAMILY, folder);
    const world = worldOf(loaded, 3600, 1);
    expect(world.demand).toEqual({
      kind: "jobs",
      jobs: [
        { at: 0, exec: 6 },
        { at: WEEK - 1, exec: 7 },
      ],
    });
    expect(world.spot.a?.times.slice(0, 2)).toEqual([0, 3600]);
    expect(world.spot.a?.nodes.slice(0, 2)).toEqual([64, 0]);
    expect(world.pools.map((pool) => pool.market)).toEqual(["spot", "on-demand"]);
  });

  test("is refused where the spot trace ends before it, or lacks a zone", async () => {
    const loaded = await loadFamily(FAMILY, folder);
    expect(() => worldOf(loaded, 3 * 86_400, 1)).toThrow(/ends after 694800 s, before a week from 259200 s is over/);
    const other = { ...loaded, family: { ...FAMILY, zones: ["c"] } };
    expect(() => worldOf(other, 0, 1)).toThrow(/has no zone c; it has a, b/);
  });
});

test("a policy that there is not is refused by name", () => {
  expect(() => controllerFor({ kind: "named", name: "magic" }, worldWith())).toThrow(/there is no policy magic; there/);
});

test("a family is found by its name, and an unknown one is answered with those there are", () => {
  const all = [...FAMILIES, ...MORE_FAMILIES];
  expect(all.map(({ name }) => familyOf(name))).toEqual(all);
  expect(() => familyOf("P3")).toThrow(/no family P3; there are P1, P2, P4, P5, code-9/);
});
