import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDemand } from "./demand.ts";
import { TraceError } from "./errors.ts";
import { readSizes } from "./sizes.ts";
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
    ["with quotes", '"t_s","requests","model"\n0, "5" ,1\n"60",7,"2"\n120,0,3\n'],
    ["gzip, whatever its name", gzipSync("t_s,requests,tokens\n0,5,1\n60,7,2\n120,0,3\n")],
  ])("of requests is read: %s", async (_how, content) => {
    expect(await readDemand(await fileOf(content))).toEqual({
      kind: "requests",
      interval: 60,
      counts: [5, 7, 0],
      start: null,
      notes: [],
    });
  });

  test("of jobs is read, with jobs at one time", async () => {
    const file = await fileOf("t_s,exec_s\n3,10\n3,2.5\n9,0\n");
    const jobs = [
      { at: 3, exec: 10 },
      { at: 3, exec: 2.5 },
      { at: 9, exec: 0 },
    ];
    expect(await readDemand(file)).toEqual({ kind: "jobs", jobs, start: null, notes: [] });
  });

  test("may tell times of day, each with its own offset", async () => {
    // The clock goes back an hour: 02:30 comes twice, and the instants are half an hour apart.
    const rows = ["2026-10-25T02:30:00+02:00,5", "2026-10-25T02:00:00+01:00,7", '"2026-10-25 01:30:00Z",9'];
    const trace = await readDemand(await fileOf(`time,requests\n${rows.join("\n")}\n`));
    expect(trace).toMatchObject({ interval: 1800, counts: [5, 7, 9], start: Date.UTC(2026, 9, 25, 0, 30) / 1000 });
  });

  test("at a second's resolution is added up to what the world steps by", async () => {
    const rows = Array.from({ length: 25 }, (_, t) => `${t},${t < 10 ? 1 : 2}`);
    const trace = await readDemand(await fileOf(`t_s,requests\n${rows.join("\n")}\n`));
    expect(trace).toMatchObject({ interval: 10, counts: [10, 20, 10] });
  });

  test("with fractions is read as mean counts, and says so", async () => {
    const { notes } = await readDemand(await fileOf("t_s,requests\n0,0.5\n60,7\n"));
    expect(notes).toEqual([expect.stringContaining("requests has fractions; they are read as mean counts")]);
  });

  test("of many lines is read in pieces, whatever the pieces end in", async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i * 60},${i % 7}`);
    const trace = await readDemand(await fileOf(gzipSync(`t_s,requests\r\n${rows.join("\r\n")}`)));
    expect(trace.kind === "requests" && trace.counts).toEqual(Array.from({ length: 40_000 }, (_, i) => i % 7));
  });

  test("may have holes only if they are asked to be filled with nothing", async () => {
    const file = await fileOf("t_s,requests\n0,5\n60,7\n240,1\n");
    await expect(readDemand(file)).rejects.toThrow(/:4: 2 intervals of 60 s are missing before 240 s; add rows/);
    expect(await readDemand(file, { fillHoles: true })).toMatchObject({
      counts: [5, 7, 0, 0, 1],
      notes: [expect.stringContaining("2 intervals had no row")],
    });
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
    ["an interval twice", "t_s,requests\n0,1\n60,1\n60,2\n", /:4: a second row for 60 s; give each interval once/],
    [
      "times off the grid",
      "t_s,requests\n0,1\n60,1\n100,2\n",
      /:4: 100 s from the start is no multiple of the interval of 60 s/,
    ],
    ["a start other than 0", "t_s,requests\n60,1\n", /:2: the first time is 60; let the trace start at 0/],
    ["a ragged row", "t_s,requests\n0,1,2\n", /:2: has 3 values where the header has 2 columns/],
    ["semicolons", "t_s;requests\n0;1\n", /:1: columns are separated by ";"; separate them by commas/],
    ["a decimal comma", 't_s,requests\n0,"1,5"\n', /:2: requests is "1,5"; give a number/],
    ["a quote that is not closed", 't_s,requests\n0,"1\n60,2"\n', /:2: a quote is not closed/],
    ["text behind a quote", 't_s,requests\n0,"1"5\n', /:2: a quote is not closed, or is followed by more/],
    ["Unix time", "t_s,requests\n1764244800,1\n", /:2: t_s is 1764244800, which looks like Unix time/],
    ["milliseconds", "t_s,requests\n0,1\n60000,1\n", /:3: rows come every 60000 s .* if the times are milliseconds/],
    ["jobs in milliseconds", "t_s,exec_s\n0,700000\n", /:2: exec_s is 700000, over a week; if it is milliseconds/],
    ["a time without its offset", "time,requests\n2026-11-27T12:00:00,1\n", /:2: time is .* without an offset nobody/],
    [
      "a day that there is not",
      "time,requests\n2026-02-31T12:00:00Z,1\n",
      /:2: time is "2026-02-31T12:00:00Z"; give a/,
    ],
    [
      "an American date",
      "time,requests\n11/27/2026 12:00,1\n",
      /:2: time is "11\/27\/2026 12:00"; give a time such as/,
    ],
    [
      "times that go back",
      "time,requests\n2026-11-27T12:00:00+01:00,1\n2026-11-27T12:01:00+02:00,1\n",
      /:3: the time is 59m before the row above; sort the rows/,
    ],
    ["what is no UTF-8", Buffer.from([0x74, 0xff, 0xfe, 0x0a]), /cannot be read: .* in UTF-8/],
    ["a line without end", `t_s,requests\n${"1".repeat(300_000)}`, /:2: the line has over 100000 characters/],
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
    expect(await readSpot(file)).toEqual({
      times: [0, 195],
      length: 390,
      start: null,
      zones: { a: [0, 64], b: [3, 0] },
    });
  });

  test.each<[string, string, RegExp]>([
    ["no zones", "t_s\n0\n", /:1: the header is "t_s"; expected t_s and zones/],
    ["half a node", "t_s,a\n0,0.5\n", /:2: a is 0.5; give 0 or 1/],
    ["a negative count", "t_s,a\n0,-1\n", /:2: a is -1/],
    ["disorder", "t_s,a\n0,1\n60,1\n30,1\n", /:4: t_s 30 comes after 60/],
    ["a hole", "t_s,a\n0,1\n60,1\n120,1\n600,1\n", /nothing between t_s 120 and 600, where rows come every 60 s/],
    ["a time twice", "t_s,a\n0,1\n0,1\n", /:3: a second row for 0 s/],
    ["a single row", "t_s,a\n0,1\n", /fewer than two rows/],
    ["a start other than 0", "t_s,a\n60,1\n", /:2: the first time is 60/],
  ])("with %s is refused", async (_what, content, message) => {
    await expect(readSpot(await fileOf(content))).rejects.toThrow(message);
  });
});

describe("what ran", () => {
  const POOLS = ["spot", "od"];

  test("is read by pool, or as a whole", async () => {
    const pools = await readSizes(await fileOf("t_s,nodes,pool\n0,1,od\n0,2,spot\n300,0,od\n"), POOLS);
    expect(pools.pools).toEqual({ od: { times: [0, 300], nodes: [1, 0] }, spot: { times: [0], nodes: [2] } });
    const whole = await readSizes(await fileOf("time,nodes\n2026-01-05T00:00:00Z,4\n"), POOLS);
    expect(whole).toMatchObject({ start: Date.UTC(2026, 0, 5) / 1000, pools: { "": { times: [0], nodes: [4] } } });
  });

  test.each<[string, string, RegExp]>([
    ["half a node", "t_s,nodes\n0,1.5\n", /:2: nodes is 1.5; give a whole number/],
    [
      "a pool that there is not",
      "t_s,nodes,pool\n0,1,odd\n",
      /:2: pool is "odd"; the workload has no such pool; it has spot, od/,
    ],
    ["a time twice", "t_s,nodes\n0,1\n0,2\n", /:3: a second row for 0 s/],
    ["other columns", "t_s,size\n0,1\n", /:1: the header is "t_s,size"; expected t_s,nodes or t_s,nodes,pool/],
    ["no rows", "t_s,nodes\n", /has no rows/],
  ])("with %s is refused", async (_what, content, message) => {
    await expect(readSizes(await fileOf(content), POOLS)).rejects.toThrow(message);
  });
});
