import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, expect, test } from "vitest";
import { revisionOf } from "../../shared/policy/revision.ts";
import { FLEET, policyOf } from "../fleet.fixture.ts";
import { TASK_ROOT } from "../functions/vramp-function.ts";
import { FUNCTION_NAMES, type FunctionName } from "../limits.ts";
import { policyFiles } from "../policy.ts";
import { VrampStack } from "../vramp-stack.ts";
import { type Bundle, bundleFunctions } from "./bundle.ts";

const POLICY = policyOf(FLEET);
const FILES = {
  ...policyFiles({ policy: POLICY, revision: revisionOf(POLICY) }, FLEET),
  "days/off.ics": "BEGIN:VCALENDAR",
};

let one: string;
let another: string;
let bundles: readonly Bundle[];
/** The variables that the stack sets, by function. */
let environments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

beforeAll(async () => {
  one = await mkdtemp(join(tmpdir(), "vramp-bundle-one-"));
  another = await mkdtemp(join(tmpdir(), "vramp-bundle-another-"));
  bundles = await bundleFunctions(FILES, one);
  await bundleFunctions(FILES, another, ["reconcile"]);
  const stack = new VrampStack(new App(), "vramp-test", { policy: policyOf(FLEET), bundles: one });
  const functions = Object.entries(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
  environments = Object.fromEntries(
    functions.map(([id, { Properties }]) => [
      id.toLowerCase().replace(/function.*/, ""),
      Properties.Environment.Variables,
    ]),
  );
}, 300_000);

afterAll(() => Promise.all([one, another].map((folder) => rm(folder, { recursive: true, force: true }))));

const packagesOf = (name: FunctionName) => bundles.find((bundle) => bundle.name === name)?.packages ?? [];

/** Every file of a folder by its path, as text. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).toSorted();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

const FOREIGN = /client-(eks|auto-scaling|dynamodb|cloudwatch)$/;

test.each(["alerts", "tick"] as const)("%s carries no client of a cloud it may not touch, and no memory", (name) => {
  expect(packagesOf(name)).toContain("@aws-sdk/client-sqs");
  expect(packagesOf(name).filter((name) => FOREIGN.test(name))).toEqual([]);
});

test("canary carries neither those nor a queue: the tokens are all that it reads", () => {
  expect(packagesOf("canary")).toContain("@aws-sdk/client-secrets-manager");
  expect(packagesOf("canary").filter((name) => FOREIGN.test(name) || name.endsWith("client-sqs"))).toEqual([]);
});

test("reconcile carries all that a look, a resize, a message and handing back take on AWS", () => {
  const clients = packagesOf("reconcile").filter((name) => name.startsWith("@aws-sdk/client-"));
  expect(clients).toEqual(
    ["auto-scaling", "cloudwatch", "dynamodb", "eks", "secrets-manager", "sns", "sqs", "sts"].map(
      (name) => `@aws-sdk/client-${name}`,
    ),
  );
});

test("the clouds' clients are read when first needed, not at every cold start", () => {
  for (const name of ["reconcile", "invoke"]) {
    const entry = readFileSync(join(one, name, "index.mjs"), "utf8");
    expect(entry).toMatch(/import\("\.\/chunks\/eks-/);
    expect(entry).not.toContain("UpdateNodegroupConfig");
  }
});

test("what tells people is carried by reconcile alone, apart from what every start reads", () => {
  const slackIn = (name: FunctionName) =>
    Object.entries(contentsOf(join(one, name))).flatMap(([path, text]) =>
      text.includes("hooks.slack-gov.com") ? [path.replace(/-[^-]*$/, "")] : [],
    );
  expect(Object.fromEntries(FUNCTION_NAMES.map((name) => [name, slackIn(name)]))).toEqual({
    ...Object.fromEntries(FUNCTION_NAMES.map((name) => [name, []])),
    reconcile: ["/chunks/slack"],
  });
});

test("only what is handed back loads reconcile's queue: Lambda reads that for it", () => {
  const entry = readFileSync(join(one, "reconcile", "index.mjs"), "utf8");
  expect(entry).toMatch(/import\("\.\/chunks\/sqs-hand-back-/);
  expect(entry).not.toContain("ChangeMessageVisibility");
});

test("a cold start reads less than 640 KiB", () => {
  // 475 KiB of invoke when this was written. What only the checks of a policy take, YAML and most of zod, is 300 KiB more.
  for (const { startBytes } of bundles) expect(startBytes).toBeLessThan(640 * 1024);
});

test("every function has the policy and its holiday file beside it, as they were written", () => {
  for (const { dir } of bundles) {
    for (const [path, text] of Object.entries(FILES)) expect(readFileSync(join(dir, path), "utf8")).toBe(text);
  }
});

test("the same sources give the same bytes", () => {
  const digests = (folder: string) =>
    Object.entries(contentsOf(folder)).map(
      ([path, text]) => `${createHash("sha256").update(text).digest("hex")} ${path}`,
    );
  expect(digests(join(one, "reconcile")).length).toBeGreaterThan(10);
  expect(digests(join(another, "reconcile"))).toEqual(digests(join(one, "reconcile")));
});

test("every chunk is referred to by another file of its function", () => {
  for (const { dir } of bundles) {
    const texts = Object.values(contentsOf(dir));
    const unused = readdirSync(join(dir, "chunks")).filter(
      (chunk) => !texts.some((text) => text.includes(`/${chunk}"`)),
    );
    expect(unused).toEqual([]);
  }
});

/** Loads the entry and then every chunk, those of a later need included, where there is nothing but the bundle. */
const LOAD_ALL = `
const [entry, ...chunks] = process.argv.slice(1);
const { handler } = await import(entry);
for (const chunk of chunks) await import(chunk);
process.stdout.write(typeof handler);`;

/** The variables of a function whose bundle stands in `dir`. */
function environmentOf(name: FunctionName, dir: string): Readonly<Record<string, string>> {
  const known = Object.entries(environments[name] ?? {}).map(([key, value]) => {
    if (typeof value === "string") return [key, value.replace(TASK_ROOT, dir)];
    return [key, key.endsWith("_URL") ? "https://sqs.eu-central-1.amazonaws.com/1/wakes.fifo" : "known-when-deployed"];
  });
  return { ...Object.fromEntries(known), AWS_REGION: "eu-central-1" };
}

/** Loads a bundle's entry, and then some of its chunks. */
function start(name: FunctionName, dir: string, chunks: readonly string[]) {
  const files = ["index.mjs", ...chunks.map((chunk) => join("chunks", chunk))].map((file) => join(dir, file));
  return spawnSync(process.execPath, ["--input-type=module", "-e", LOAD_ALL, ...files], {
    env: environmentOf(name, dir),
    encoding: "utf8",
  });
}

test.each(FUNCTION_NAMES)(
  "%s starts with the variables that the stack sets, from its bundle alone",
  (name) => {
    const dir = join(one, name);
    const { stdout, stderr } = start(name, dir, readdirSync(join(dir, "chunks")));
    expect(stderr).toBe("");
    expect(stdout).toBe("function");
  },
  60_000,
);

test("a start needs nothing of what checks a policy, unless the checked one is not the one that was written", () => {
  const dir = join(another, "changed");
  cpSync(join(one, "reconcile"), dir, { recursive: true });
  rmSync(join(dir, "chunks/load.mjs"));
  expect(start("reconcile", dir, []).stdout).toBe("function");
  writeFileSync(join(dir, "policy.yaml"), FLEET.replace("version: 1", "version: 2"));
  expect(start("reconcile", dir, []).stderr).toContain("load.mjs");
  cpSync(join(one, "reconcile/chunks/load.mjs"), join(dir, "chunks/load.mjs"));
  expect(start("reconcile", dir, []).stderr).toMatch(/the policy that was deployed is invalid: .*policy\.yaml:2/);
}, 60_000);
