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

  test("that can never work are refused, every time", async () => {
    const all = sources();
    const declared = { prometheus: { url: "https://me:pw@prom.example.com" } };

    await expect(all.open(declared)).rejects.toThrow(SourceMisconfigured);
    await expect(all.open(declared)).rejects.toThrow(/auth: basic/);
  });
});
