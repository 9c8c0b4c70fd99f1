import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadPolicy, type PolicyIssue } from "./load.ts";

const GOOD = `version: 1
fleet: test
sources:
  prom: { prometheus: { url: "https://prom.example" } }
signals:
  queue: { source: prom, query: "sum(q)", maxAge: 90s }
workloads:
  llm:
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 0, max: 4 }
    pools:
      - { name: llm-spot, capacity: spot, gke: { project: a, location: b, cluster: c, nodePool: d } }
    targets: [{ signal: queue, perNode: 5 }]
    scaleIn: { interruptible: true }
`;

const brief = (issues: readonly PolicyIssue[]) => issues.map((i) => `${i.line}:${i.column} ${i.path}: ${i.message}`);
function issuesOf(text: string): readonly PolicyIssue[] {
  const result = loadPolicy(text, "policy.yaml");
  return result.ok ? result.warnings : result.issues;
}
/** The issues of the good policy with one part changed. */
function changed(from: string, to: string): readonly PolicyIssue[] {
  expect(GOOD).toContain(from);
  return issuesOf(GOOD.replace(from, to));
}

test("a good policy loads with durations in seconds, memory in bytes and defaults filled in", () => {
  const result = loadPolicy(GOOD, "policy.yaml");
  expect(result).toMatchObject({
    ok: true,
    warnings: [],
    policy: {
      mode: "enforce",
      timeZone: "UTC",
      signals: { queue: { maxAge: 90, whenEmpty: "unknown" } },
      workloads: { llm: { gpu: { memory: 16 * 2 ** 30 }, provisionTimeout: 900, spot: { backoff: { initial: 300 } } } },
    },
  });
});

describe("the revision [F61]", () => {
  const revision = (text: string) => {
    const result = loadPolicy(text, "policy.yaml");
    return result.ok ? result.revision : null;
  };

  test.each([
    ["comments", `# hello\n${GOOD}`],
    ["the order of keys", GOOD.replace("{ min: 0, max: 4 }", "{ max: 4, min: 0 }")],
    ["another spelling of a duration", GOOD.replace("90s", "1m30s")],
    ["a default written out", `${GOOD}timeZone: UTC\n`],
  ])("does not change with %s", (_what, text) => {
    expect(revision(text)).toBe(revision(GOOD));
    expect(revision(GOOD)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("does not change with the order in which signals are declared", () => {
    const queue = '  queue: { source: prom, query: "sum(q)", maxAge: 90s }\n';
    const other = '  another: { source: prom, query: "sum(a)", maxAge: 90s }\n';
    const [first, second] = [queue + other, other + queue].map((signals) => revision(GOOD.replace(queue, signals)));
    expect(first).toBe(second);
    expect(first).not.toBe(revision(GOOD));
  });

  test("changes with what the policy means", () => {
    expect(revision(GOOD.replace("max: 4", "max: 5"))).not.toBe(revision(GOOD));
  });
});

describe("a file of the wrong shape", () => {
  test.each<[what: string, from: string, to: string, issues: string[], fix: string | undefined]>([
    ["an unknown key", "max: 4", "mx: 4", ["10:22 workloads.llm.nodes.mx: unknown key `mx`"], "did you mean `max`?"],
    [
      "a missing key",
      ", max: 4",
      "",
      ["10:5 workloads.llm.nodes.max: `nodes` has no `max`"],
      "add `max: …`, expected a whole number of nodes",
    ],
    [
      "text for a number",
      "max: 4",
      'max: "4"',
      ['10:27 workloads.llm.nodes.max: `max` cannot be `"4"`'],
      "remove the quotes",
    ],
    [
      "a bare duration",
      "90s",
      "90",
      ["6:51 signals.queue.maxAge: `maxAge` cannot be `90`"],
      "write `90s` if seconds are meant",
    ],
    ["a value of none", "max: 4", "max:", ["10:22 workloads.llm.nodes.max: `max` has no value"], undefined],
    [
      "a choice misspelt",
      "capacity: spot",
      "capacity: spott",
      ['12:37 workloads.llm.pools[0].capacity: `capacity` cannot be `"spott"`'],
      "did you mean `spot`?",
    ],
    [
      "an empty list",
      "[{ signal: queue, perNode: 5 }]",
      "[]\n    alerts: x",
      ['14:13 workloads.llm.alerts: `alerts` cannot be `"x"`'],
      undefined,
    ],
    [
      "both of two",
      "perNode: 5",
      "perNode: 5, average: 3",
      ["13:15 workloads.llm.targets[0]: `targets[0]` has `perNode` and `average` at once"],
      "give exactly one of them",
    ],
    [
      "none of two",
      ', query: "sum(q)"',
      "",
      ["6:10 signals.queue: `queue` has none of `query` and `metric`"],
      "give exactly one of them",
    ],
    [
      "a branch of a union misspelt",
      "{ prometheus:",
      "{ promethues:",
      ["4:11 sources.prom.promethues: unknown key `promethues`"],
      "did you mean `prometheus`?",
    ],
    [
      "a fault inside the branch that was meant",
      "prometheus: {",
      "prometheus: { ul: 3,",
      ["4:25 sources.prom.prometheus.ul: unknown key `ul`"],
      "did you mean `url`?",
    ],
    [
      "a choice in a union misspelt",
      '"https://prom.example"',
      '"https://p", auth: gogle',
      ['4:49 sources.prom.prometheus.auth: `auth` cannot be `"gogle"`'],
      "did you mean `google`?",
    ],
    [
      "an object in a union misspelt",
      '"https://prom.example"',
      '"https://p", auth: { beare: { tokenSecret: t } }',
      ["4:51 sources.prom.prometheus.auth.beare: unknown key `beare`"],
      "did you mean `bearer`?",
    ],
    [
      "two branches of a union",
      "memory: 16Gi }",
      "sharing: { timeSlicing: 2, mps: 2 } }",
      ["9:44 workloads.llm.gpu.sharing: `sharing` has `timeSlicing` and `mps` at once"],
      "give exactly one of `timeSlicing`, `mig` and `mps`",
    ],
    [
      "a name that cannot be one",
      "llm:\n",
      "LLM_1:\n",
      ["8:3 workloads.LLM_1: `LLM_1` cannot be a name here"],
      "choose another name, here and wherever it is used",
    ],
    [
      "a whole missing part",
      "    nodes: { min: 0, max: 4 }\n",
      "",
      ["8:3 workloads.llm.nodes: `llm` has no `nodes`"],
      "add `nodes: …`, expected a mapping (`key: value`)",
    ],
  ])("%s is named with its place and what to do", (_what, from, to, expected, fix) => {
    const issues = changed(from, to);

    expect(brief(issues)).toEqual(expected);
    expect(issues[0]?.fix).toBe(fix);
    expect(issues.every((issue) => issue.severity === "error")).toBe(true);
  });

  test("every problem is reported at once, of shape and of sense, in the order of the text [F72]", () => {
    const text = GOOD.replace("fleet: test", "fleet: test\ntimeZone: Mars/Olympus")
      .replace("max: 4", "mx: 4")
      .replace("capacity: spot", "capacity: spott")
      .replace("signal: queue", "signal: qeue");

    expect(
      issuesOf(text)
        .filter((i) => i.severity === "error")
        .map((i) => [i.line, i.message]),
    ).toEqual([
      [3, "there is no time zone `Mars/Olympus`"],
      [11, "unknown key `mx`"],
      [13, '`capacity` cannot be `"spott"`'],
      [14, "signal `qeue` does not exist"],
    ]);
  });

  test("one mistake is one issue: what rests on a wrong part is not judged", () => {
    expect(brief(changed("maxAge: 90s", "maxAge: soon"))).toEqual([
      '6:51 signals.queue.maxAge: `maxAge` cannot be `"soon"`',
    ]);
    expect(brief(changed('queue: { source: prom, query: "sum(q)", maxAge: 90s }', "queue: 5"))).toEqual([
      "6:10 signals.queue: `queue` cannot be `5`",
    ]);
    expect(brief(changed("min: 0", "min: many"))).toEqual(['10:19 workloads.llm.nodes.min: `min` cannot be `"many"`']);
  });

  test("elements after a wrong one keep their index", () => {
    const issues = changed("[{ signal: queue", "[{ signal: queue }, { signal: nope");
    expect(issues.map((i) => i.path)).toEqual(["workloads.llm.targets[0]", "workloads.llm.targets[1].signal"]);
  });

  test("what stands where a secret's name belongs is not printed [T25]", () => {
    const issues = changed('"https://prom.example"', '"https://p", auth: { bearer: { tokenSecret: "hunter2 !" } }');
    expect(issues).toHaveLength(1);
    expect(JSON.stringify(issues)).not.toContain("hunter2");
  });
});

describe("text that is not a policy [T12]", () => {
  test.each<[what: string, text: string, expected: string[]]>([
    ["nothing", "", ["1:1 : the file is empty"]],
    ["a word", "hello", ['1:1 : the policy cannot be `"hello"`']],
    ["a repeated key", GOOD.replace("fleet: test", "fleet: test\nfleet: prod"), ["3:1 : `fleet` stands here twice"]],
    ["a tag", GOOD.replace("fleet: test", "fleet: !secret test"), ["2:8 : the tag `!secret` is not allowed"]],
    ["a prototype key", `${GOOD}__proto__: { mode: observe }\n`, ["15:1 : the key `__proto__` is not allowed"]],
    ["a key of null", `${GOOD}~: 1\n`, ["15:1 : a key must be plain text"]],
    ["an alias of nothing", GOOD.replace("fleet: test", "fleet: *name"), ["2:8 : `*name` refers to nothing"]],
    ["an alias of itself", `${GOOD}notify: &n [*n]\n`, ["15:13 : `*n` refers to what it stands in"]],
    ["another YAML", `%YAML 1.1\n---\n${GOOD}`, ["1:1 : the file declares YAML 1.1"]],
    ["two documents", `${GOOD}---\n${GOOD}`, ["15:1 : a second document starts here"]],
    ["a tab", GOOD.replace("  llm:", "\tllm:"), ["8:1 : a tab stands in the indentation"]],
  ])("%s is refused", (_what, text, expected) => {
    expect(brief(issuesOf(text)).slice(0, expected.length)).toEqual(expected);
    expect(loadPolicy(text, "policy.yaml").ok).toBe(false);
  });

  test("aliases that unfold without end are refused", () => {
    const bomb = "ABCDEFGHI"
      .split("")
      .map((c, i) => `${c}: &${c} [${Array(9).fill(i === 0 ? "x" : `*${"ABCDEFGHI"[i - 1]}`)}]`);
    expect(issuesOf(bomb.join("\n"))[0]?.message).toBe("the aliases unfold into more than 100 copies");
  });

  test("a file above 256 KB is refused unread", () => {
    expect(issuesOf(`${GOOD}#${"x".repeat(256 * 1024)}`)[0]?.message).toMatch(/^the file has \d+ bytes/);
  });

  test("an honest alias is followed, and a fault in it stands where it was written", () => {
    const text = GOOD.replace("memory: 16Gi }", "memory: &m 16Gi }\n    models: [{ name: a, memory: *m }]").replace(
      "16Gi",
      "big",
    );
    expect(brief(issuesOf(text))).toEqual([
      '9:46 workloads.llm.gpu.memory: `memory` cannot be `"big"`',
      '10:33 workloads.llm.models[0].memory: `memory` cannot be `"big"`',
    ]);
  });
});

describe("loadPolicy never throws [F72]", () => {
  const sane = (text: string) => {
    const result = loadPolicy(text, "policy.yaml");
    if (!result.ok) expect(result.issues.some((issue) => issue.severity === "error")).toBe(true);
    for (const issue of result.ok ? result.warnings : result.issues) {
      expect(issue.line).toBeGreaterThanOrEqual(1);
      expect(issue.column).toBeGreaterThanOrEqual(1);
    }
  };

  test("for any text", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: "binary" })), sane), {
      numRuns: 300,
    });
  });

  test("for any damage to a real policy", () => {
    const example = readFileSync("examples/fleet/policy.yaml", "utf8");
    const scrap = fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "-",
        "&a ",
        "*a",
        "\n",
        "  ",
        "null",
        "[]",
        "{}",
        "-1",
        "1e99",
        '"',
        "~",
        "!t ",
      ),
      fc.constantFrom(".nan", "constructor", "__proto__: 1", "0 0 30 2 *", "9999999999d", "? [x]", "<<: *a", "%", "|"),
      fc.string({ maxLength: 8 }),
    );
    const cut = fc.record({ at: fc.nat(example.length), length: fc.nat(40), scrap });
    const damaged = fc
      .array(cut, { minLength: 1, maxLength: 4 })
      .map((cuts) => cuts.reduce((t, c) => t.slice(0, c.at) + c.scrap + t.slice(c.at + c.length), example));
    fc.assert(fc.property(damaged, sane), { numRuns: 60 });
  });

  test("for nesting deeper than the stack", () => {
    sane("[".repeat(20_000));
    sane("a: ".repeat(5_000));
  });
});

describe("the examples", () => {
  const folders = readdirSync("examples", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const policies = folders.flatMap(({ name }) =>
    readdirSync(`examples/${name}`).includes("policy.yaml") ? [name] : [],
  );

  test.each(policies)("%s is valid, without a warning", (name) => {
    const file = `examples/${name}/policy.yaml`;
    expect(loadPolicy(readFileSync(file, "utf8"), file)).toMatchObject({ ok: true, warnings: [] });
  });

  test("are all there", () => {
    expect(policies).toEqual(
      expect.arrayContaining(["agent-bus", "docuchat", "fleet", "medical-kg", "operations-summary"]),
    );
  });
});
