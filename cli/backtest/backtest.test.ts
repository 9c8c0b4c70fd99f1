import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { register } from "./command.ts";
import { backtest } from "./vramp.fixture.ts";

const CHAT = "examples/chat/policy.yaml";
const FLEET = ["--policy", "examples/fleet/policy.yaml", "--workload", "worker-llm", "--rate", "4"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vramp-backtest-"));
});
afterAll(() => rm(folder, { recursive: true }));

let written = 0;
async function fileOf(content: string | Buffer): Promise<string> {
  written += 1;
  const file = join(folder, `${written}.csv`);
  await writeFile(file, content);
  return file;
}

/** Three hours that need some four nodes. */
const demandRows = Array.from({ length: 180 }, (_, i) => `${i * 60},${900 + (i % 7)}`);
const DEMAND = `t_s,requests\n${demandRows.join("\n")}\n`;
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const spotRows = Array.from({ length: 60 }, (_, i) => `${i * 300},1,${i % 40 < 20 ? 1 : 0},0`);
const SPOT = `t_s,${ZONES}\n${spotRows.join("\n")}\n`;

describe("vramp backtest", () => {
  test("prints the figures of vramp and of what it is held against, and ends with the verdict", async () => {
    const [demand, spot] = [await fileOf(gzipSync(DEMAND)), await fileOf(`\uFEFF${SPOT.replaceAll("\n", "\r\n")}`)];
    const { code, stdout, stderr } = await backtest("--policy", CHAT, "--demand", demand, "--spot", spot, "--peers");
    expect({ code, stderr: stderr.split("\n")[0] }).toEqual({
      code: 0,
      stderr: "running vramp, by the policy of chat",
    });
    expect(stdout).toMatch(/^POLICY +USD +X BOUND +GPU-H +SPOT +WAIT p50 +p95 +p99 +IN TIME /m);
    for (const name of ["vramp", "static, \\d+ on-demand", "KEDA/HPA \\+ Karpenter, spot", "SkyServe, default"])
      expect(stdout).toMatch(new RegExp(`^${name} +[\\d,]+\\.\\d\\d +\\d+\\.\\d\\d `, "m"));
    expect(stdout).toContain("2026-01-05T00:00Z to 2026-01-05T03:00Z");
    expect(stdout).toMatch(/chatWaiting is waiting \(by what the policy uses it for\)/);
    expect(stdout.trim().split("\n").at(-1)).toMatch(
      /^vramp (keeps|does not keep) what is wanted: .* It costs [\d.]+ USD, /,
    );
    expect(stdout).not.toContain("\u001b");
  });

  test("prints one stable JSON object for programs, the same for the same seed", async () => {
    const [demand, spot] = [await fileOf(DEMAND), await fileOf(SPOT)];
    const run = () => backtest("--policy", CHAT, "--demand", demand, "--spot", spot, "--output", "json");
    const [first, again] = await Promise.all([run(), run()]);
    expect(again.stdout).toBe(first.stdout);
    const json = JSON.parse(first.stdout);
    expect(json).toMatchObject({
      verdict: expect.stringMatching(/^vramp /),
      policy: { file: CHAT, fleet: "chat", workload: "chat" },
      from: "2026-01-05T00:00:00.000Z",
      to: "2026-01-05T03:00:00.000Z",
      hours: 3,
      objective: { maxWaitSeconds: 60, attainment: 0.99 },
      bindings: [{ signal: "chatArrivals", measure: "arrivals", by: "use" }, {}, {}],
      world: {
        kind: "service",
        ratePerNode: 4,
        seed: 1,
        pools: [{ zone: "us-west-2a", usdPerHour: 0.918 }, {}, {}, {}],
      },
      timeline: { bucketSeconds: 60, time: { length: 180 }, spotUp: { "us-west-2c": expect.arrayContaining([0]) } },
    });
    const [vramp, fixed] = json.outcomes;
    expect(vramp).toMatchObject({ name: "vramp", kind: "vramp", wait: { p50: 0 }, holds: vramp.fails.length === 0 });
    expect(vramp.usd / json.boundUsd).toBeCloseTo(vramp.timesBound, 2);
    expect(vramp.arrived).toBe(fixed.arrived);
    expect(vramp.spotShare).toBeGreaterThan(0.5);
    const sizes: Readonly<Record<string, readonly number[]>> = json.timeline.ready;
    const ends = Object.values(sizes).reduce((sum, nodes) => sum + (nodes.at(-1) ?? 0), 0);
    expect(ends).toBeGreaterThan(2);
  });

  test("takes rules: their signals by name, the rest by --bind, and compares with what really ran", async () => {
    const actual = await fileOf("t_s,nodes,pool\n0,5,llm-ondemand\n");
    const demand = await fileOf(DEMAND);
    const bind = ["--bind", "vramFree=0.5"];
    const run = await backtest(...FLEET, "--demand", demand, "--actual", actual, ...bind, "--output", "json");
    expect(run.code).toBe(0);
    const { outcomes, bindings, verdict, notes } = JSON.parse(run.stdout);
    expect(outcomes.map((o: { kind: string }) => o.kind)).toEqual(["vramp", "actual", "static"]);
    // Five nodes of 8 GPUs at 32.77 USD for three hours.
    expect(outcomes[1]).toMatchObject({ attainment: 1, gpuHours: expect.closeTo(5 * 8 * 3, 0) });
    expect(outcomes[1].usd).toBeCloseTo(5 * 3 * 32.77, -1);
    expect(bindings).toContainEqual({ signal: "queue", measure: "waiting", by: "name" });
    expect(bindings).toContainEqual({ signal: "vramFree", measure: "always 0.5", by: "option" });
    expect(bindings).toContainEqual({ signal: "busyNodes", measure: "busy", by: "use" });
    expect(verdict).toContain("what actually ran");
    expect(notes.join("\n")).toContain("the fleet's other workloads are not simulated");
  });

  test("generates demand and spot, saves what it ran, and runs the same from the files", async () => {
    const out = join(folder, "saved");
    const generated = ["--demand", "generated:day", "--length", "2d", "--save-traces", out, "--output", "json"];
    expect((await backtest("--policy", CHAT, ...generated)).code).toBe(0);
    for (const name of ["demand.csv", "spot.csv"])
      expect(await readFile(join(out, name), "utf8")).toBe(await readFile(`examples/chat/${name}`, "utf8"));
    const read = ["--demand", join(out, "demand.csv"), "--spot", join(out, "spot.csv"), "--length", "3h"];
    expect(JSON.parse((await backtest("--policy", CHAT, ...read, "--output", "json")).stdout)).toMatchObject({
      hours: 3,
    });
  });

  test("runs jobs by their own seconds, and ends with 3 if asked to check and the policy does not keep it", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i * 20},60`);
    const demand = await fileOf(`t_s,exec_s\n${rows.join("\n")}\n`);
    const bind = ["--bind", "vramFree=0.5", "--max-wait", "1s"];
    const run = await backtest(...FLEET, "--demand", demand, ...bind, "--check", "--output", "json");
    expect(run.code).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      world: { kind: "jobs" },
      outcomes: [{ holds: false, arrived: 300 }, {}],
    });
  });
});

test("what cannot be run ends with 1, says why on stderr and prints nothing", async () => {
  expect(await backtest("--policy", CHAT, "--demand", "none.csv")).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error: none\.csv: cannot be read: ENOENT/),
  });
});

describe("what cannot be run is refused with what to do", () => {
  const chat = (...args: readonly string[]) => ["--policy", CHAT, ...args];

  test.each<[string, () => Promise<readonly string[]>, RegExp]>([
    [
      "no demand",
      async () => chat(),
      /nothing says what demand to run; give --demand FILE, --demand generated:SHAPE, or --since 7d/,
    ],
    ["two demands", async () => chat("--demand", "x", "--since", "1d"), /two sources of demand; give one/],
    ["an unknown shape", async () => chat("--demand", "generated:dai"), /--demand generated:dai: did you mean `day`\?/],
    ["a missing file", async () => chat("--demand", "none.csv"), /none\.csv: cannot be read: ENOENT/],
    [
      "a hole",
      async () => chat("--demand", await fileOf("t_s,requests\n0,1\n60,1\n240,1\n")),
      /\.csv:4: 2 intervals of 60 s are missing .*--fill-holes/,
    ],
    [
      "disorder",
      async () => chat("--demand", await fileOf("t_s,requests\n0,1\n120,1\n60,1\n")),
      /\.csv:4: t_s 60 comes after 120; sort/,
    ],
    [
      "a negative number",
      async () => chat("--demand", await fileOf("t_s,requests\n0,1\n60,-3\n")),
      /\.csv:3: requests is -3; it cannot be negative/,
    ],
    [
      "milliseconds",
      async () => chat("--demand", await fileOf("t_s,requests\n0,1\n60000,1\n")),
      /\.csv:3: .* if the times are milliseconds, divide/,
    ],
    [
      "no offset",
      async () => chat("--demand", await fileOf("time,requests\n2026-01-05T00:00:00,1\n")),
      /\.csv:2: .*without an offset/,
    ],
    [
      "a spot file without the zone",
      async () => chat("--demand", await fileOf(DEMAND), "--spot", await fileOf(SPOT.replace("us-west-2b", "b"))),
      /pool chat-spot-b is in zone us-west-2b, and .* there are `us-west-2a`, `b` and `us-west-2c`/,
    ],
    [
      "a spot file that is too short",
      async () => chat("--demand", await fileOf(DEMAND), "--spot", await fileOf(SPOT), "--offset", "3h"),
      /does not cover the demand: it covers 5h, and 3h from 3h/,
    ],
    [
      "a pool that there is not",
      async () => chat("--demand", "generated:day", "--zone", "chat-spot-x=b"),
      /--zone chat-spot-x: the workload has no such pool; did you mean `chat-spot-a`\?/,
    ],
    [
      "a signal that is nothing here",
      async () => [...FLEET, "--demand", "generated:day"],
      /signal vramFree \(used in `guard`\) stands for nothing .* --bind vramFree=MEASURE/,
    ],
    [
      "a measure that there is not",
      async () => [...FLEET, "--bind", "vramFree=vram"],
      /--bind <signal=measure>.* "vram" is nothing that the simulated world measures/,
    ],
    [
      "several workloads",
      async () => ["--policy", "examples/fleet/policy.yaml", "--demand", "x"],
      /the policy has 4 workloads; choose one with --workload: worker-llm, /,
    ],
    [
      "what a node serves",
      async () => [...FLEET.slice(0, 4), "--bind", "vramFree=1", "--demand", await fileOf(DEMAND)],
      /how many requests a second one node serves; give --rate N/,
    ],
    [
      "an actual that begins too late",
      async () => chat("--demand", await fileOf(DEMAND), "--actual", await fileOf("t_s,nodes\n60,1\n")),
      /the first row comes 1m after the demand begins; add the size/,
    ],
    [
      "a duration without a unit",
      async () => chat("--demand", "generated:day", "--length", "7"),
      /Write a duration with a unit/,
    ],
    [
      "a share over 1",
      async () => chat("--demand", "generated:day", "--missing-samples", "5"),
      /Write a share from 0 to 1/,
    ],
    [
      "nothing that comes in",
      async () => chat("--demand", await fileOf("t_s,requests\n0,0\n60,0\n")),
      /nothing came in/,
    ],
    [
      "a report that cannot be written",
      async () => chat("--demand", await fileOf(DEMAND), "--html", join(folder, "no", "r.html")),
      /cannot write .*r\.html: ENOENT/,
    ],
  ])("%s", async (_what, args, message) => {
    const command = new Command("backtest").exitOverride().configureOutput({ writeErr: () => {} });
    register(command);
    await expect(command.parseAsync([...(await args())], { from: "user" })).rejects.toThrow(message);
  });
});
