import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadPolicy } from "../policy/load.ts";
import { type Policy, type PolicyInput, policy as policySchema } from "../policy/schema/policy.ts";
import { ruleFiles } from "./files.ts";
import { type AlertRule, prometheusRules } from "./prometheus-rules.ts";
import { toYaml } from "./yaml.ts";

const RECEIVER = { url: "https://vramp.example.com/alerts", credentialsFile: "/etc/alertmanager/vramp-token" };
const EXAMPLES = globSync("examples/*/policy.yaml");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-rules-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (file: string): Policy => {
  const result = loadPolicy(readFileSync(file, "utf8"), file);
  if (!result.ok) throw new Error(`${file} is invalid: ${result.issues.map((issue) => issue.message).join("; ")}`);
  return result.policy;
};
const save = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const generated = (policy: Policy, receiver = RECEIVER) => {
  const [rules, alertmanager] = ruleFiles(policy, receiver).files;
  return { rules: rules?.text ?? "", alertmanager: alertmanager?.text ?? "" };
};
const alertsOf = (policy: Policy): readonly AlertRule[] =>
  prometheusRules(policy).groups.flatMap((group) => group.rules.flatMap((rule) => ("alert" in rule ? [rule] : [])));
const promtool = (...args: string[]) => execFileSync("promtool", args, { encoding: "utf8", stdio: "pipe" });
const amtool = (...args: string[]) => execFileSync("amtool", args, { encoding: "utf8", stdio: "pipe" });

/** A policy with one workload, whatever is said of its signal and its alerts. */
const small = (query: string, workload: Partial<PolicyInput["workloads"][string]> = {}): Policy =>
  policySchema.parse({
    version: 1,
    fleet: "test",
    sources: {
      prom: { prometheus: { url: "https://prometheus.example.com" } },
      aws: { cloudwatch: { region: "eu-central-1" } },
    },
    signals: {
      queue: { source: "prom", query, maxAge: "90s" },
      jobs: {
        source: "aws",
        metric: { namespace: "AWS/SQS", name: "Visible", statistic: "Maximum", period: "60s" },
        maxAge: "3m",
      },
    },
    workloads: {
      "worker-llm": {
        gpu: { model: "A100", perNode: 1 },
        nodes: { min: 0, max: 3 },
        pools: [{ name: "p", capacity: "spot", eks: { region: "eu-central-1", cluster: "c", nodegroup: "n" } }],
        scaleUp: { any: [{ signal: "queue", above: 50, for: "2m" }], add: 1 },
        ...workload,
      },
    },
  } satisfies PolicyInput);

describe.each(EXAMPLES)("the files made from %s", (file) => {
  test("are read back as they were meant, and pass promtool and amtool", () => {
    const policy = load(file);
    const { rules, alertmanager } = generated(policy);

    expect(parse(rules)).toEqual({ groups: prometheusRules(policy).groups });
    expect(promtool("check", "rules", save("rules.yml", rules))).toContain("SUCCESS");
    expect(amtool("check-config", save("alertmanager.yml", alertmanager))).toContain("SUCCESS");
  });
});

test("there are examples to check", () => {
  expect(EXAMPLES).toContain(join("examples", "fleet", "policy.yaml"));
});

describe("alerts", () => {
  test("repeat the policy's query, threshold and duration, and name the workload", () => {
    expect(alertsOf(small("sum(llm_queue_length)"))).toEqual([
      {
        alert: "VrampWorkerLlmQueueAbove50",
        expr: "(\nsum(llm_queue_length)\n) > 50",
        for: "2m",
        labels: { vramp_workload: "worker-llm", vramp_signal: "queue", severity: "warning" },
        annotations: {
          summary: "worker-llm: queue is above 50 for 2m, now {{ $value }}",
          description: "scaleUp adds 1 (any of 1). vramp decides from its own readings.",
        },
      },
    ]);
  });

  test("stand for scaleUp, guards and wakeOn, and not for scaleDown", () => {
    const policy = small("x", {
      alerts: ["HeadroomLow"],
      scaleDown: { all: [{ signal: "queue", below: 10, for: "15m" }], remove: 1 },
      guards: [{ name: "headroom", when: { signal: "queue", above: 90 }, blocks: ["packing"] }],
      schedules: [
        {
          name: "night",
          start: "0 22 * * *",
          end: "0 9 * * *",
          nodes: { exactly: 0 },
          wakeOn: [{ signal: "queue", above: 100, for: "2m" }],
        },
      ],
    });

    expect(alertsOf(policy).map(({ alert, for: held, labels }) => [alert, held, labels.severity])).toEqual([
      ["HeadroomLow", undefined, "critical"],
      ["VrampWorkerLlmQueueAbove50", "2m", "warning"],
      ["VrampWorkerLlmQueueAbove100", "2m", "info"],
    ]);
  });

  test("stand for work that begins to wait under an objective, whatever its size", () => {
    const objective = { arrivals: "queue", backlog: "queue", maxWait: "5m" };
    const policy = small("x", { scaleUp: undefined, objective });

    expect(alertsOf(policy).map(({ alert, for: held, labels }) => [alert, held, labels.severity])).toEqual([
      ["VrampWorkerLlmQueueAbove0", undefined, "info"],
    ]);
  });

  test("a condition used twice is one alert, as grave as its gravest use", () => {
    const when = { signal: "queue", above: 50, for: "2m" };
    const policy = small("x", { guards: [{ name: "full", when, blocks: ["scaleDown"] }] });

    expect(alertsOf(policy)).toHaveLength(1);
    expect(alertsOf(policy)[0]).toMatchObject({
      labels: { severity: "critical" },
      annotations: { description: expect.stringMatching(/^Guard full forbids scaleDown\. scaleUp adds 1/) },
    });
  });

  test("signals that Prometheus does not have are left out, and said to be", () => {
    const policy = small("x", { scaleUp: { any: [{ signal: "jobs", above: 20, for: "10m" }], add: 1 } });

    expect(prometheusRules(policy).skipped).toEqual([
      { workload: "worker-llm", signal: "jobs", why: "the signal does not come from Prometheus" },
    ]);
    expect(alertsOf(policy)).toEqual([]);
  });

  test.each(["nobody", "constructor"])("a workload the policy lacks is refused by name: %s", (name) => {
    expect(() => prometheusRules(small("x"), [name])).toThrow(`no workload "${name}"; it has worker-llm`);
  });
});

describe("in a real Prometheus", () => {
  test("a blank DCGM value is no headroom, idle nodes hold 0 pods, and the queue alert waits for its window [F32]", () => {
    const rules = generated(small("sum(llm_queue_length)")).rules;
    save("unit.rules.yml", rules);

    // promtool prints what differs and fails, so that not throwing is the assertion.
    promtool("test", "rules", save("unit.test.yml", readFileSync("test/fixtures/rules/unit.test.yml", "utf8")));
  });
});

describe("the Alertmanager configuration", () => {
  const receiverOf = (policy: Policy, ...labels: string[]) =>
    amtool(
      "config",
      "routes",
      "test",
      `--config.file=${save("routes.yml", generated(policy).alertmanager)}`,
      ...labels,
    ).trim();

  test("sends vramp what names a workload, or what a workload lists, and nothing else", () => {
    const policy = small("x", { alerts: ["LLMQueueBuildup", 'od"d \\ (name) | x.*'] });

    expect(receiverOf(policy, "vramp_workload=worker-llm", "alertname=Any")).toBe("vramp");
    expect(receiverOf(policy, "alertname=LLMQueueBuildup")).toBe("vramp");
    expect(receiverOf(policy, 'alertname="od\\"d \\\\ (name) | x.*"')).toBe("vramp");
    expect(receiverOf(policy, "alertname=DiskFull")).toBe("default");
    expect(receiverOf(policy, "vramp_workload=worker-llm-2")).toBe("default");
  });

  test("answers for bearer token, resolved alerts, whole bodies and no redirects [F8] [F13] [T2]", () => {
    expect(parse(generated(small("x")).alertmanager).receivers[1]).toEqual({
      name: "vramp",
      webhook_configs: [
        {
          url: RECEIVER.url,
          send_resolved: true,
          max_alerts: 0,
          http_config: {
            authorization: { type: "Bearer", credentials_file: RECEIVER.credentialsFile },
            follow_redirects: false,
          },
        },
      ],
    });
  });

  test.each([
    ["vramp.example.com/alerts", "is no http or https URL"],
    ["file:///etc/passwd", "is no http or https URL"],
    ["https://user:secret@vramp.example.com/alerts", "leave them out"],
  ])("the receiver %s is refused", (url, why) => {
    expect(() => generated(small("x"), { ...RECEIVER, url })).toThrow(why);
  });

  test("a password in the URL is not repeated [T25]", () => {
    expect(() => generated(small("x"), { ...RECEIVER, url: "https://u:hunter2@h/" })).not.toThrow("hunter2");
  });
});

describe("whatever the names and queries are [T36]", () => {
  const nasty = fc.constantFrom(
    '"',
    "'",
    "{{",
    "}}",
    ": ",
    "\n",
    "- ",
    "#",
    "&a",
    "*a",
    "|",
    "%",
    "!!js",
    "on",
    "\\",
    "\t",
  );
  const hostile = fc
    .array(fc.oneof(nasty, fc.string({ unit: "grapheme", maxLength: 4 })), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.join("").slice(0, 200))
    .filter((text) => text !== "");
  const quoted = hostile.map((text) => `metric{label=${JSON.stringify(text.replace(/\p{C}/gu, ""))}}`);

  test("YAML 1.1 and 1.2 both read back exactly what was meant", () => {
    fc.assert(
      fc.property(quoted, hostile, hostile, (query, alert, credentialsFile) => {
        const policy = small(query, { alerts: [alert] });
        const { rules, alertmanager } = generated(policy, { ...RECEIVER, credentialsFile });
        for (const version of ["1.1", "1.2"] as const) {
          expect(parse(rules, { version })).toEqual({ groups: prometheusRules(policy).groups });
          const { receivers } = parse(alertmanager, { version });
          expect(receivers[1].webhook_configs[0].http_config.authorization.credentials_file).toBe(credentialsFile);
        }
      }),
    );
  });

  test.each(["on", "No", "~", "1:30", "012", "1_000", "2020-01-01", ""])("%j stays text in YAML 1.1", (text) => {
    expect(parse(toYaml({ text }, []), { version: "1.1" })).toEqual({ text });
  });

  test("Prometheus takes them, and Alertmanager too", () => {
    const samples = fc.sample(quoted, { numRuns: 40, seed: 1 });
    for (const [index, query] of samples.entries()) {
      save(`hostile-${index}.yml`, generated(small(query)).rules);
    }
    const files = samples.map((_, index) => join(folder, `hostile-${index}.yml`));
    expect(promtool("check", "rules", ...files).match(/SUCCESS/g)).toHaveLength(samples.length);

    const alerts = fc.sample(hostile, { numRuns: 40, seed: 2 }).map((alert) => alert.toWellFormed());
    const file = save("hostile-alertmanager.yml", generated(small("x", { alerts })).alertmanager);
    expect(amtool("check-config", file)).toContain("SUCCESS");
  });

  test("template braces stand for themselves, even in names that no policy file could bring", () => {
    const policy = small("x");
    const workload = { ...policy.workloads["worker-llm"] };
    const name = 'gu{{{ard {{ $value }} }} {{ "';
    const condition = { signal: "queue", comparison: "above" as const, threshold: 90, for: 0 };
    const guards = [{ name, when: condition, blocks: ["packing" as const] }];
    const hostilePolicy = { ...policy, workloads: { "worker-llm": { ...workload, guards } } } as Policy;
    const rules = save("template.rules.yml", generated(hostilePolicy).rules);
    const unit = {
      rule_files: [rules],
      tests: [
        {
          interval: "15s",
          input_series: [{ series: "x", values: "91x4" }],
          alert_rule_test: [
            {
              alertname: "VrampWorkerLlmQueueAbove90",
              eval_time: "30s",
              exp_alerts: [
                {
                  exp_labels: { vramp_workload: "worker-llm", vramp_signal: "queue", severity: "critical" },
                  exp_annotations: {
                    summary: "worker-llm: queue is above 90, now 91",
                    description: `Guard ${name} forbids packing. vramp decides from its own readings.`,
                  },
                },
              ],
            },
          ],
        },
      ],
    };

    promtool("test", "rules", save("template.test.yml", JSON.stringify(unit)));
  });
});
