import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { queryProtocol, queryReply } from "../../sandbox/clouds/aws-query.ts";
import type { AwsService } from "../../sandbox/clouds/aws-wire.ts";
import { NOBODY } from "../../test/support/dynalite.ts";
import { type CdkOptions, prepare } from "../cdk.ts";
import { EXIT } from "../output.ts";
import { deploy } from "./deploy.ts";
import { undeploy } from "./undeploy.ts";

const POLICY = "examples/fleet/policy.yaml";
const OPTIONS: CdkOptions = { policy: POLICY, region: "eu-central-1" };
const STS = "https://sts.amazonaws.com/doc/2011-06-15/";
const OPERATOR = "arn:aws:iam::111122223333:user/operator";

const sts: AwsService = {
  protocol: queryProtocol(STS),
  operation: () => ({
    name: "GetCallerIdentity",
    mutating: false,
    input: {},
    run: () => queryReply(STS, "GetCallerIdentity", { Account: "111122223333", Arn: OPERATOR, UserId: "AIDA" }),
  }),
};

/** Stands in for CDK's command line: notes how it was called, and says what a real one would. */
const FAKE_CDK = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const [command, ...args] = process.argv.slice(2);
appendFileSync("calls", JSON.stringify({ command, args, region: process.env.AWS_REGION }) + "\\n");
const { differences, fails } = JSON.parse(require("node:fs").readFileSync("behaviour", "utf8"));
if (command === "diff" && differences !== null) console.error("✨  Number of stacks with differences: " + differences);
process.exitCode = command === fails ? 1 : 0;
`;

let checkout: string;
let aws: Aws;
let said: string[];
let printed: string[];

beforeEach(async () => {
  checkout = mkdtempSync(join(tmpdir(), "vramp-deploy-"));
  mkdirSync(join(checkout, "node_modules/.bin"), { recursive: true });
  const cdk = join(checkout, "node_modules/.bin/cdk");
  writeFileSync(cdk, FAKE_CDK);
  chmodSync(cdk, 0o755);
  aws = await startAws({ now: () => Date.now() / 1000, services: { sts } });
  vi.stubEnv("AWS_ENDPOINT_URL_STS", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", NOBODY.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", NOBODY.secretAccessKey);
  vi.stubEnv("AWS_CONFIG_FILE", join(checkout, "none"));
  said = [];
  printed = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await aws.stop();
  rmSync(checkout, { recursive: true });
});

interface Behaviour {
  /** Stacks that differ from what is deployed; null: it does not say. */
  readonly differences?: number | null;
  /** The command that fails. */
  readonly fails?: string;
  /** What a person at the terminal answers; null: there is none. */
  readonly answer?: string | null;
}

/** A fleet ready to be deployed, and how CDK was called in the end. */
async function ready({ differences = 1, fails = "", answer = null }: Behaviour, options = OPTIONS) {
  writeFileSync(join(checkout, "behaviour"), JSON.stringify({ differences, fails }));
  writeFileSync(join(checkout, "calls"), "");
  const { around, ...rest } = await prepare(options, false, checkout);
  const prepared = { ...rest, around: { ...around, ask: answer === null ? null : async () => answer } };
  const calls = () =>
    readFileSync(join(checkout, "calls"), "utf8")
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
  return { prepared, calls, commands: () => calls().map(({ command }) => command) };
}

describe("before anything is done", () => {
  test("vramp says which fleet it is about, in whose name and where", async () => {
    await ready({});
    expect(said.join("")).toContain(`fleet prod-gpu, in account 111122223333, region eu-central-1, as ${OPERATOR}`);
  });

  test("an invalid policy ends it, and AWS is not asked [F72] [T33]", async () => {
    const policy = join(checkout, "bad.yaml");
    writeFileSync(policy, "version: 2\n");
    await expect(ready({}, { ...OPTIONS, policy })).rejects.toThrow(/the policy .* is invalid/);
    expect(aws.calls).toEqual([]);
  });

  test("credentials that AWS refuses end it", async () => {
    aws.fault({ operation: "GetCallerIdentity", kind: "denied" });
    await expect(ready({})).rejects.toThrow(/deploying was denied by AWS STS .*Log in again/);
  });

  test("without a region, it says how to name one", async () => {
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    await expect(ready({}, { policy: POLICY })).rejects.toThrow(/give --region, or set AWS_REGION/);
  });

  test("without a checkout's packages, it says where to deploy from", async () => {
    rmSync(join(checkout, "node_modules"), { recursive: true });
    await expect(ready({})).rejects.toThrow(/deploy from a checkout of vramp, after npm ci/);
  });
});

describe("vramp deploy", () => {
  test("does nothing when nothing differs, and ends with 0", async () => {
    const { prepared, commands } = await ready({ differences: 0 });
    expect(await deploy(prepared, { ...OPTIONS, yes: true })).toBe(EXIT.ok);
    expect(commands()).toEqual(["diff"]);
    expect(printed.join("")).toContain("nothing to do");
  });

  test("deploys this very policy in this region once a person has said yes", async () => {
    const { prepared, calls } = await ready({ answer: "yes" });
    expect(await deploy(prepared, { ...OPTIONS, alarmTopic: "arn:aws:sns:eu-central-1:111122223333:pager" })).toBe(0);
    expect(calls().map(({ command }) => command)).toEqual(["diff", "deploy"]);
    for (const { args, region } of calls()) {
      expect(args).toContain(`policy=${resolve(POLICY)}`);
      expect(args).toContain("alarmTopic=arn:aws:sns:eu-central-1:111122223333:pager");
      expect(region).toBe("eu-central-1");
    }
  });

  test("deploys without asking with --yes", async () => {
    const { prepared, commands } = await ready({});
    expect(await deploy(prepared, { ...OPTIONS, yes: true })).toBe(EXIT.ok);
    expect(commands()).toEqual(["diff", "deploy"]);
  });

  test.each([["y"], ["no"], [""], [null]])("changes nothing after %j, and ends with 2", async (answer) => {
    const { prepared, commands } = await ready({ answer });
    expect(await deploy(prepared, OPTIONS)).toBe(EXIT.pending);
    expect(commands()).toEqual(["diff"]);
    expect(said.join("")).toContain("nothing was changed");
  });

  test("fails when CDK does, or does not say what differs", async () => {
    const comparing = await ready({ fails: "diff" });
    await expect(deploy(comparing.prepared, { ...OPTIONS, yes: true })).rejects.toThrow(/comparing failed/);
    const deploying = await ready({ fails: "deploy" });
    await expect(deploy(deploying.prepared, { ...OPTIONS, yes: true })).rejects.toThrow(/deploying failed/);
    const silent = await ready({ differences: null });
    await expect(deploy(silent.prepared, { ...OPTIONS, yes: true })).rejects.toThrow(/nothing was changed/);
    expect(silent.commands()).toEqual(["diff"]);
  });
});

describe("vramp undeploy", () => {
  test("says that every pool stays, and removes the stack once that is agreed", async () => {
    const { prepared, calls } = await ready({ answer: "yes" });
    expect(await undeploy(prepared, OPTIONS)).toBe(EXIT.ok);
    expect(said.join("")).toMatch(/will stay, at the size they have then: the pools llm-spot, llm-ondemand, .*chat-od/);
    expect(calls()).toEqual([
      { command: "destroy", args: ["--force", "-c", `policy=${resolve(POLICY)}`], region: "eu-central-1" },
    ]);
  });

  test("removes nothing without a person or --yes, and ends with 2", async () => {
    const { prepared, commands } = await ready({});
    expect(await undeploy(prepared, OPTIONS)).toBe(EXIT.pending);
    expect(commands()).toEqual([]);
  });
});
