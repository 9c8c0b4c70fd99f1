import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { MAX_LINE_BYTES } from "./limits.ts";
import { lasting, NOON } from "./line.fixture.ts";

const POLICY = "examples/operations-summary/policy.yaml";

/** Starts `vramp decide` as a user does; `node` are options of Node's own. */
function start(args: readonly string[], node: readonly string[] = []): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [...node, "cli/vramp.ts", "decide", ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  // Whoever ends early closes the pipe; what became of it is for the exit code to say.
  child.stdin.on("error", () => {});
  return child;
}

async function run(input: string, ...args: readonly string[]) {
  const child = start(args);
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, stdout, stderr, answers: stdout.split("\n").slice(0, -1) };
}

/** An observation of worker-rl: up when its queue is above 20 for 10 minutes, down when it is below 5 for 30. */
const line = (minute: number, queue: number | null, nodes: number, span = 30 * 60): string => {
  const now = NOON + minute * 60;
  return JSON.stringify({
    now: new Date(now * 1000).toISOString(),
    workload: "worker-rl",
    trigger: { kind: "tick" },
    signals: { rlQueue: queue === null ? null : lasting(queue, now, span), rlBusy: {} },
    pools: { "rl-spot": { desired: nodes, ready: nodes } },
  });
};
const answer = (want: number, reason: string) =>
  JSON.stringify({ workload: "worker-rl", want, pools: { "rl-spot": want }, reason });

test("rises, holds on unknown, and falls only after the windows [F29]", async () => {
  const lines = [line(0, 30, 0), line(1, null, 1), line(29, 2, 1), line(32, 2, 1), line(35, 2, 1), line(36, 2, 0)];
  expect(await run(lines.join("\n"), "--policy", POLICY, "--brief")).toMatchObject({
    code: 0,
    stderr: "",
    answers: [
      answer(1, "RuleMatched"),
      answer(1, "SignalUnknown"),
      answer(1, "NoRuleMatched"),
      answer(1, "Stabilizing"),
      answer(0, "RuleMatched"),
      answer(0, "NoRuleMatched"),
    ],
  });
});

test("a broken line and one that is too long give one error line each, and the stream goes on", async () => {
  const input = [line(0, 30, 0), "{", "x".repeat(MAX_LINE_BYTES + 1), "", line(1, 30, 1), ""].join("\n");
  const { code, stderr, answers } = await run(input, "--policy", POLICY, "--brief");

  expect(answers).toEqual([
    answer(1, "RuleMatched"),
    expect.stringMatching(/^\{"error":"line 2: not JSON: .*"\}$/),
    '{"error":"line 3: longer than 4 MiB; send series no longer than the policy\'s windows"}',
    answer(1, "OperationInProgress"),
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "2 of 4 lines could not be decided; their answers say why\n" });
});

test("answers each line as it comes, without waiting for more", async () => {
  const child = start(["--policy", POLICY, "--brief"]);
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  for (const [minute, nodes] of [
    [0, 0],
    [1, 1],
  ] as const) {
    child.stdin.write(`${line(minute, 30, nodes)}\n`);
    expect((await answers.next()).value).toContain('"want":1');
  }
});

test("ends quietly when nobody reads any more", async () => {
  const child = start(["--policy", POLICY]);
  const stderr = text(child.stderr);
  child.stdout.once("data", () => child.stdout.destroy());
  const lines = `${line(0, 30, 0)}\n`.repeat(1000);
  const feeding = setInterval(() => child.stdin.writable && child.stdin.write(lines), 5);
  const [code] = await once(child, "exit");
  clearInterval(feeding);
  expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: "" });
});

test("an invalid policy ends it with 1 before anything is read", async () => {
  expect(await run("", "--policy", "package.json")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("error: the policy package.json is invalid"),
  });
});

/** Without it the heap takes steps of tens of megabytes at times of its own choosing, and its size says little. In MiB. */
const SMALL_HEAP = ["--max-semi-space-size=2", "--max-old-space-size=64"];

const MIB = Buffer.alloc(2 ** 20, "x");

/** The most memory that a process ever held, in MiB. */
const peakOf = (pid: number | undefined): number => {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
};

test("100,000 lines stream in constant memory, in order, and so does one without an end", {
  timeout: 60_000,
}, async () => {
  const child = start(["--policy", POLICY, "--brief"], SMALL_HEAP);
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const feed = async (from: number, to: number) => {
    for (let batch = from; batch < to; batch += 100) {
      // A broken line every so often, numbered as no other, shows that the order is kept.
      const lines = Array.from({ length: 100 }, (_, i) => (i === 0 ? "{" : line(batch + i, 10, 1, 10 * 60)));
      if (!child.stdin.write(`${lines.join("\n")}\n`)) await once(child.stdin, "drain");
    }
  };
  const check = async (from: number, to: number) => {
    for (let i = from; i < to; i += 1) {
      const { value } = await answers.next();
      if (i % 100 === 0 ? value?.startsWith(`{"error":"line ${i + 1}: `) : value === answer(1, "NoRuleMatched"))
        continue;
      expect.fail(`the answer to line ${i + 1} is ${value}`);
    }
  };
  await Promise.all([feed(0, 20_000), check(0, 20_000)]);
  const before = peakOf(child.pid);
  await Promise.all([feed(20_000, 100_000), check(20_000, 100_000)]);
  const after = peakOf(child.pid);

  // 80,000 more lines are 30 MB, and their answers 7 MB.
  expect(after - before).toBeLessThan(16);
  expect(after).toBeLessThan(192);

  for (let mib = 0; mib < 256; mib += 1) {
    if (!child.stdin.write(MIB)) await once(child.stdin, "drain");
  }
  child.stdin.write("\n");
  expect((await answers.next()).value).toMatch(/^\{"error":"line 100001: longer than 4 MiB/);
  expect(peakOf(child.pid)).toBeLessThan(192);
});
