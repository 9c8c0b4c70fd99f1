import { describe, expect, test } from "vitest";
import { createStaticSecrets } from "../secrets/static.ts";
import { SourceMisconfigured } from "./errors.ts";
import { createSources } from "./sources.ts";

const PROM = { prometheus: { url: "https://prom.example.com" } };
const sources = () => createSources({ secrets: createStaticSecrets({}) });

describe("sources", () => {
  test("are made once for each declaration", async () => {
    const all = sources();

    const first = await all.open(PROM);

    expect(await all.open(structuredClone(PROM))).toBe(first);
    expect(await all.open({ prometheus: { url: "https://other.example.com" } })).not.toBe(first);
  });

  test("of CloudWatch need a region only", async () => {
    await expect(sources().open({ cloudwatch: { region: "eu-central-1" } })).resolves.toBeDefined();
  });

  test.each([
    ["CloudWatch in another role", { cloudwatch: { region: "eu-central-1", roleArn: "arn:aws:iam::1:role/x" } }],
    ["Google's identity", { prometheus: { ...PROM.prometheus, auth: "google" as const } }],
  ])("of %s are refused, every time", async (_, declared) => {
    const all = sources();

    await expect(all.open(declared)).rejects.toThrow(SourceMisconfigured);
    await expect(all.open(declared)).rejects.toThrow(/not supported/);
  });
});
