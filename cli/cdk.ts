import { spawn } from "node:child_process";
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { createSts, stsFailure } from "../shared/identity/sts.ts";
import type { Policy } from "../shared/policy/schema/policy.ts";
import { painter, report, UserError } from "./output.ts";
import { readValidPolicy } from "./valid-policy.ts";

/** The checkout that this file belongs to. */
const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));

/** What `deploy` and `undeploy` both take. */
export interface CdkOptions {
  readonly policy: string;
  readonly region?: string;
  readonly yes?: boolean;
}

/** How a run of CDK's command line ended. All that it said was shown on stderr as it came. */
export interface CdkRun {
  readonly code: number;
  readonly output: string;
}

/** What a command about the stack needs of the outside world. */
export interface Surroundings {
  /** CDK's command line. */
  readonly cdk: (args: readonly string[]) => Promise<CdkRun>;
  /** Asks a person; null without one. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly report: (text: string) => void;
}

/** Whom AWS takes us for, and where. */
interface Target {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/** A command about the stack, its checks passed. */
export interface Prepared {
  readonly policy: Policy;
  /** CDK's arguments that name this fleet. */
  readonly context: readonly string[];
  readonly around: Surroundings;
}

async function targetOf(wanted: string | undefined): Promise<Target> {
  const client = createSts()(wanted);
  const region = await client.config.region().catch((cause: unknown) => {
    throw new UserError("no region: give --region, or set AWS_REGION or a profile that has one", { cause });
  });
  const { Account, Arn } = await client.send(new GetCallerIdentityCommand({})).catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === "CredentialsProviderError")
      throw new UserError("no AWS credentials were found: log in, or set AWS_PROFILE", { cause });
    const { message } = stsFailure(cause, "deploying", "Log in again, or set AWS_PROFILE to a profile that works.");
    throw new UserError(message, { cause });
  });
  if (Account !== undefined && Arn !== undefined) return { account: Account, arn: Arn, region };
  throw new UserError("AWS does not say whose credentials these are; log in again");
}

/** CDK's command line of a checkout. Throws `UserError` where there is none: the package alone cannot deploy. */
async function cdkOf(checkout: string, region: string): Promise<Surroundings["cdk"]> {
  const command = resolve(checkout, "node_modules/.bin/cdk");
  await access(command).catch((cause: unknown) => {
    throw new UserError(`${command} is missing: deploy from a checkout of vramp, after npm ci`, { cause });
  });
  const env = { ...process.env, AWS_REGION: region };
  return (args) =>
    new Promise((done, fail) => {
      const child = spawn(command, args, { cwd: checkout, env, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          process.stderr.write(text);
        });
      }
      child.on("error", (cause) => fail(new UserError(`cannot run ${command}: ${cause.message}`, { cause })));
      child.on("close", (code) => done({ code: code ?? 1, output }));
    });
}

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

/**
 * Checks what can be checked before anything is done: the policy, the checkout, the region and the credentials; and says whom
 * and where it is about. Throws `UserError`.
 */
export async function prepare(options: CdkOptions, color: boolean, checkout = CHECKOUT): Promise<Prepared> {
  const policy = await readValidPolicy(options.policy, painter(process.stderr, color, process.env));
  const { account, arn, region } = await targetOf(options.region);
  const cdk = await cdkOf(checkout, region);
  report(`fleet ${policy.fleet}, in account ${account}, region ${region}, as ${arn}`);
  const ask = process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : null;
  const context = ["-c", `policy=${resolve(options.policy)}`];
  return { policy, context, around: { cdk, ask, report } };
}

/** Whether to go on: `--yes`, or a person who says so. Without either nobody can, and nothing is done. */
export async function agreed(question: string, yes: boolean, { ask, report: say }: Surroundings): Promise<boolean> {
  if (yes) return true;
  if (ask === null) {
    say("nothing was changed: there is no terminal to ask at; give --yes to go on");
    return false;
  }
  if ((await ask(`${question} Only yes goes on: `)).trim() === "yes") return true;
  say("nothing was changed");
  return false;
}

/** Runs CDK for its effect. Throws `UserError` when it fails; it has said why. */
export async function must(run: Promise<CdkRun>, what: string): Promise<CdkRun> {
  const ended = await run;
  if (ended.code === 0) return ended;
  throw new UserError(`${what} failed: CDK ended with code ${ended.code}, and says why above`);
}
