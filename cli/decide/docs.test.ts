import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const DOC = readFileSync("docs/decide.md", "utf8");

const blocks = (language: string) =>
  [...DOC.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, text = ""]) => text);

test("the worked example of docs/decide.md answers what it says", () => {
  const [, args = "", input = "", answers] =
    /^\$ npx vramp (.*) < (\S+)\n(.*)$/s.exec(blocks("console")[0] ?? "") ?? [];
  const answered = execFileSync(process.execPath, ["cli/vramp.ts", ...args.split(" ")], { input: readFileSync(input) });
  expect(answered.toString()).toBe(answers);
});

test("its observation is one that decide takes, and its error is one that decide gives", () => {
  const [observation = "", error = ""] = blocks("json");
  const line = JSON.stringify(JSON.parse(observation));
  const args = ["cli/vramp.ts", "decide", "--brief", "--policy", "examples/operations-summary/policy.yaml"];
  const [first, ...more] = execFileSync(process.execPath, args, {
    input: `${line}\n\n${line.replace('"desired":1', '"desired":1.5')}`,
  })
    .toString()
    .trim()
    .split("\n");
  expect(JSON.parse(first ?? "")).toMatchObject({ workload: "worker-llm" });
  expect(more.map((text) => JSON.parse(text))).toEqual([JSON.parse(error)]);
});
