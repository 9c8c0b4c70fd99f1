import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDemand } from "./demand.ts";
import { TraceError } from "./errors.ts";
import { readSpot } from "./spot.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vramp-traces-"));
});
afterAll(() => rm(folder, { recursive: true }));

let written = 0;
async function fileOf(content: string | Buffer): Promise<string> {
  written += 1;
  const file = join(folder, `${written}.csv`);
  await writeFile(file, content);
  return file;
}

describe("a demand trace", () => {
  test.each([
    ["plain", "t_s,requests\n0,5\n60,7\n120,0\n"],
    ["with Windows line ends, a byte-order mark and blank lines", "\uFEFFt_s,requests\r\n0,5\r\n\r\n60,7\r\n120,0\r\n"],
    ["gzip, whatever its name", gzipSync("t_s,requests,tokens\n0,5,1\n60,7,2\n120,0,3\n")],
  ])("of requests is read: %s", async (_how, content) => {
    expect(await readDemand(await fileOf(content))).toEqual({ kind: "requests", interval: 60, counts: [5, 7, 0] });
  });

  test("of jobs is read, with jobs at one time", async () => {
    const file = await fileOf("t_s,exec_s\n3,10\n3,2.5\n9,0\n");
    const jobs = [
      { at: 3, exec: 10 },
      { at: 3, exec: 2.5 },
      { at: 9, exec: 0 },
    ];
    expect(await readDemand(file)).toEqual({ kind: "jobs", jobs });
  });

  test("may have holes only if they are asked to be filled with nothing", async () => {
    const file = await fileOf("t_s,requests\n0,5\n60,7\n240,1\n");
    await expect(readDemand(file)).rejects.toThrow(/:4: 2 intervals of 60 s are missing before t_s 240; add rows/);
    expect(await readDemand(file, { fillHoles: true })).toMatchObject({ counts: [5, 7, 0, 0, 1] });
  });

  test.each<[string, string | Buffer, RegExp]>([
    ["an unknown header", "time,count\n0,1\n", /:1: the header is "time,count"; expected t_s,requests or t_s,exec_s/],
    ["both kinds at once", "t_s,requests,exec_s\n0,1,1\n", /:1: the header is/],
    ["a column twice", "t_s,requests,requests\n0,1,1\n", /:1: the column requests comes twice/],
    ["words", "t_s,requests\n0,many\n", /:2: requests is "many"; give a number/],
    ["nothing where a number should be", "t_s,requests\n0,\n", /:2: requests is empty; give a number/],
    ["a number as only JavaScript knows it", "t_s,requests\n0,0x10\n", /:2: requests is "0x10"/],
    ["a negative count", "t_s,requests\n0,1\n60,-1\n", /:3: requests is -1; it cannot be negative/],
    ["a time before the start", "t_s,exec_s\n-1,1\n", /:2: t_s is -1; times count from 0/],
    ["disorder", "t_s,exec_s\n5,1\n4,1\n", /:3: t_s 4 comes after 5; sort the rows by time/],
    ["an interval twice", "t_s,requests\n0,1\n60,1\n60,2\n", /:4: a second row for t_s 60/],
    ["times off the grid", "t_s,requests\n0,1\n60,1\n100,2\n", /:4: t_s 100 is no multiple of the interval of 60 s/],
    ["a start other than 0", "t_s,requests\n60,1\n", /:2: the first interval starts at 60/],
    ["a ragged row", "t_s,requests\n0,1,2\n", /:2: has 3 values where the header has 2 columns/],
    ["one interval only", "t_s,requests\n0,1\n", /has 1 intervals/],
    ["no jobs", "t_s,exec_s\n", /has no jobs/],
    ["nothing", "", /is empty; give a header and rows/],
    ["gzip that breaks off", gzipSync("t_s,requests\n0,5\n60,7\n").subarray(0, 20), /cannot be read/],
  ])("with %s is refused, with the line", async (_what, content, message) => {
    const reading = readDemand(await fileOf(content));
    await expect(reading).rejects.toThrow(TraceError);
    await expect(reading).rejects.toThrow(message);
  });

  test("that is not there is refused", async () => {
    await expect(readDemand(join(folder, "none.csv"))).rejects.toThrow(/none\.csv: cannot be read: ENOENT/);
  });
});

describe("a spot trace", () => {
  test("of zeroes and ones means none or plenty; of counts it means these", async () => {
    const file = await fileOf("t_s,a,b\n0,0,3\n195,1,0\n");
    expect(await readSpot(file)).toEqual({ times: [0, 195], length: 390, zones: { a: [0, 64], b: [3, 0] } });
  });

  test.each<[string, string, RegExp]>([
    ["no zones", "t_s\n0\n", /:1: the header is "t_s"; expected t_s and zones/],
    ["half a node", "t_s,a\n0,0.5\n", /:2: a is 0.5; give 0 or 1/],
    ["a negative count", "t_s,a\n0,-1\n", /:2: a is -1/],
    ["disorder", "t_s,a\n0,1\n60,1\n30,1\n", /:4: t_s 30 comes after 60/],
    ["a hole", "t_s,a\n0,1\n60,1\n120,1\n600,1\n", /nothing between t_s 120 and 600, where rows come every 60 s/],
    ["a single row", "t_s,a\n0,1\n", /fewer than two rows/],
    ["a start other than 0", "t_s,a\n60,1\n", /:2: the first time is 60/],
  ])("with %s is refused", async (_what, content, message) => {
    await expect(readSpot(await fileOf(content))).rejects.toThrow(message);
  });
});
