import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { type RuleFiles, ruleFiles } from "../../shared/rules/files.ts";
import { RulesError } from "../../shared/rules/promql.ts";
import { painter, print, report, UserError } from "../output.ts";
import { readValidPolicy, workloadNamed } from "../valid-policy.ts";

interface Options {
  readonly policy: string;
  readonly workload?: string;
  readonly out?: string;
  readonly receiverUrl: string;
  readonly credentialsFile: string;
}

/** Where `vramp serve` and the sandbox take alerts. */
const LOCAL_RECEIVER = "http://127.0.0.1:8787/alerts";
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function register(command: Command): void {
  command
    .requiredOption("--policy <file>", "the policy, in YAML")
    .option("--workload <name>", "only this workload")
    .option("--out <folder>", "write vramp.rules.yml and vramp.alertmanager.yml there instead of printing both")
    .option("--receiver-url <url>", "where vramp takes alerts", LOCAL_RECEIVER)
    .option(
      "--credentials-file <path>",
      "the file with vramp's token, as Alertmanager sees it",
      "/etc/alertmanager/vramp-token",
    )
    .action(async (options: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const policy = await readValidPolicy(options.policy, painter(process.stderr, color, process.env));
      const { workload, receiverUrl: url, credentialsFile } = options;
      if (workload !== undefined) workloadNamed(policy, workload);
      const made = sayingUserErrors(() =>
        ruleFiles(policy, { url, credentialsFile }, workload === undefined ? undefined : [workload]),
      );
      for (const note of notes(made, url)) report(note);
      if (options.out === undefined) print(asOneStream(made));
      else await write(made, options.out);
    });
}

/** Both files as two YAML documents. */
export function asOneStream({ files }: RuleFiles): string {
  return files.map(({ text }) => `---\n${text.trimEnd()}`).join("\n");
}

async function write({ files }: RuleFiles, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) {
      await writeFile(join(folder, name), text);
      report(`wrote ${join(folder, name)}`);
    }
  } catch (cause) {
    throw new UserError(`cannot write to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function sayingUserErrors<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw cause instanceof RulesError ? new UserError(cause.message, { cause }) : cause;
  }
}

/** What the reader should know that the files do not show. */
export function notes({ skipped }: RuleFiles, receiverUrl: string): readonly string[] {
  const { protocol, hostname } = new URL(receiverUrl);
  const inTheClear = protocol === "http:" && !LOOPBACK.test(hostname);
  return [
    ...skipped.map(
      ({ workload, signal, why }) => `no alert for ${signal} of ${workload}: ${why}; the tick looks at it every minute`,
    ),
    ...(inTheClear ? [`${receiverUrl} is not encrypted, and the token would travel in it; use https`] : []),
  ];
}
