import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { z } from "zod";
import type { Daemon } from "../../sandbox/daemon.ts";
import { startAlertmanager } from "../support/alertmanager.ts";
import { startPrometheus } from "../support/prometheus.ts";

export interface MonitoringOptions {
  readonly policyText: string;
  /** Host and port of the exporter. */
  readonly target: string;
  /** Where vramp takes alerts, and the token that it wants there. */
  readonly receiver: { readonly url: string; readonly token: string };
  /** Alerts in one notification at most; the generated 0 is no limit. */
  readonly maxAlerts: number;
}

/** A real Prometheus and a real Alertmanager with what `vramp rules` made of a policy. */
export interface Monitoring {
  readonly prometheus: Daemon;
  readonly alertmanager: Daemon;
  /** The generated files as they were written. */
  readonly generated: { readonly rules: string; readonly alertmanager: string };
  stop(): Promise<void>;
}

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** How often Prometheus scrapes and evaluates, and Alertmanager tells what has changed in a group. */
const BEAT = "1s";

const ruleFile = z.looseObject({ groups: z.array(z.looseObject({ interval: z.string() })) });
const webhook = z.looseObject({ max_alerts: z.number() });
const alertmanagerFile = z.looseObject({
  route: z.looseObject({ routes: z.array(z.looseObject({ group_interval: z.string() })) }),
  receivers: z.array(z.looseObject({ webhook_configs: z.array(webhook).optional() })),
});

/** The generated rules at a test's pace: all but the intervals is as it was generated. */
function atTestPace(text: string): string {
  const file = ruleFile.parse(parse(text));
  return JSON.stringify({ ...file, groups: file.groups.map((group) => ({ ...group, interval: BEAT })) });
}

/** The generated Alertmanager configuration at a test's pace and with this limit on a notification. */
function alertmanagerConfig(text: string, maxAlerts: number): object {
  const { route, receivers, ...rest } = alertmanagerFile.parse(parse(text));
  const routes = route.routes.map((each) => ({ ...each, group_interval: BEAT }));
  const limited = receivers.map(({ webhook_configs, ...receiver }) =>
    webhook_configs === undefined
      ? receiver
      : { ...receiver, webhook_configs: webhook_configs.map((each) => ({ ...each, max_alerts: maxAlerts })) },
  );
  return { ...rest, route: { ...route, routes }, receivers: limited };
}

const prometheusConfig = (target: string, alertmanager: Daemon): object => ({
  global: { scrape_interval: BEAT, scrape_timeout: BEAT, evaluation_interval: BEAT },
  rule_files: ["vramp.rules.yml"],
  scrape_configs: [{ job_name: "fleet", static_configs: [{ targets: [target] }] }],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
});

async function generate(folder: string, { policyText, receiver }: MonitoringOptions) {
  const policy = join(folder, "policy.yaml");
  const token = join(folder, "token");
  await Promise.all([writeFile(policy, policyText), writeFile(token, receiver.token, { mode: 0o600 })]);
  const to = ["--receiver-url", receiver.url, "--credentials-file", token, "--out", folder];
  await run(process.execPath, ["cli/vramp.ts", "rules", "--policy", policy, ...to], { cwd: ROOT });
  return { rules: join(folder, "vramp.rules.yml"), alertmanager: join(folder, "vramp.alertmanager.yml") };
}

/** Runs `vramp rules` on the policy and starts both daemons with its files. */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const folder = await mkdtemp(join(tmpdir(), "vramp-end-to-end-"));
  const started: Daemon[] = [];
  const stop = async () => {
    await Promise.all(started.map((daemon) => daemon.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const begun = async (starting: Promise<Daemon>) => {
    const daemon = await starting;
    started.push(daemon);
    return daemon;
  };
  try {
    const generated = await generate(folder, options);
    const receiving = await readFile(generated.alertmanager, "utf8");
    const rules = await readFile(generated.rules, "utf8");
    const alertmanager = await begun(startAlertmanager({ config: alertmanagerConfig(receiving, options.maxAlerts) }));
    const prometheus = await begun(
      startPrometheus({
        config: prometheusConfig(options.target, alertmanager),
        files: { "vramp.rules.yml": atTestPace(rules) },
        flags: ["--rules.alert.resend-delay=1s", "--query.lookback-delta=5s"],
      }),
    );
    return { prometheus, alertmanager, generated, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
