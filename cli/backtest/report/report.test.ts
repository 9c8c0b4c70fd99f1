import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { backtest } from "../vramp.fixture.ts";
import { type OpenPage, openInChromium } from "./chromium.fixture.ts";

const figures = z.record(z.string(), z.array(z.number()));
const reported = z.looseObject({
  verdict: z.string(),
  boundUsd: z.number(),
  outcomes: z.array(z.looseObject({ name: z.string(), kind: z.string(), usd: z.number() })),
  changes: z.array(z.looseObject({ at: z.string(), detail: z.string() })),
  timeline: z.looseObject({
    time: z.array(z.number()),
    arrivalsPerSecond: z.array(z.number()),
    nodesNeeded: z.array(z.number()),
    oldestWait: z.array(z.number()),
    ready: figures,
    spotUp: figures,
  }),
});
const table = z.array(z.array(z.number()));

let folder: string;
let file: string;
let json: z.output<typeof reported>;
let page: OpenPage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vramp-report-"));
  file = join(folder, "report.html");
  const policy = join(folder, "policy.yaml");
  // A name that would break out of a page that does not take care.
  const text = await readFile("examples/chat/policy.yaml", "utf8");
  await writeFile(policy, text.replaceAll("us-west-2a", '"</script><b>a"'));
  const traces = ["--demand", "generated:day", "--length", "8h", "--start", "2026-01-05T06:00:00Z", "--peers"];
  const { code, stdout, stderr } = await backtest("--policy", policy, ...traces, "--html", file, "--output", "json");
  if (code !== 0) throw new Error(stderr);
  json = reported.parse(JSON.parse(stdout));
  page = await openInChromium(file);
}, 120_000);
afterAll(async () => {
  await page?.close();
  await rm(folder, { recursive: true });
});

const drawn = async (chart: string) => table.parse(await page.evaluate(`charts.${chart}.data`));
/** Points of a chart's canvas that something was drawn on. */
const ink = (chart: string) =>
  page.evaluate(
    `(() => { const { ctx } = charts.${chart}; const { width, height } = ctx.canvas; const all = ctx.getImageData(0, 0, width, height).data; let n = 0; for (let i = 3; i < all.length; i += 4) if (all[i] > 0) n += 1; return n; })()`,
  );

describe("the report", () => {
  test("stands alone: it refers to nothing outside itself", async () => {
    const html = await readFile(file, "utf8");
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain("Permission is hereby granted, free of charge");
    expect(await page.evaluate("performance.getEntriesByType('resource').length")).toBe(0);
  });

  test("draws the nodes of each pool on top of one another, and what is needed", async () => {
    const [time, ...series] = await drawn("nodes");
    expect(time).toEqual(json.timeline.time);
    expect(series.at(-1)).toEqual(json.timeline.nodesNeeded);
    // The first series is the sum of all pools.
    const pools = Object.values(json.timeline.ready);
    const sums = json.timeline.time.map((_, i) => pools.reduce((sum, nodes) => sum + (nodes[i] ?? 0), 0));
    expect(series[0]).toEqual(sums.map((sum) => expect.closeTo(sum, 6)));
    expect(series).toHaveLength(pools.length + 1);
  });

  test("draws demand, waits and spot capacity from the same figures", async () => {
    expect(await drawn("demand")).toEqual([json.timeline.time, json.timeline.arrivalsPerSecond]);
    expect(await drawn("wait")).toEqual([json.timeline.time, json.timeline.oldestWait]);
    const [, ...lanes] = await drawn("spot");
    const zones = Object.keys(json.timeline.spotUp).toReversed();
    zones.forEach((zone, i) => {
      const up = json.timeline.spotUp[zone] ?? [];
      expect(lanes[2 * i]).toEqual(up.map((share) => expect.closeTo(i + 0.1 + 0.8 * share, 6)));
    });
  });

  test.each(["nodes", "demand", "wait", "spot"])("has ink on the canvas of %s", async (chart) => {
    expect(await ink(chart)).toBeGreaterThan(1000);
  });

  test("shows each policy's cost as a bar, in proportion, the cheapest first, with the bound", async () => {
    const bars = z
      .array(z.object({ name: z.string(), width: z.number(), bound: z.number() }))
      .parse(
        await page.evaluate(
          "[...document.querySelectorAll('#policies tr')].slice(1).map((row) => ({ name: row.cells[0].textContent, width: parseFloat(row.querySelector('.fill').style.width), bound: parseFloat(row.querySelector('.bound').style.left) }))",
        ),
      );
    const most = Math.max(...json.outcomes.map(({ usd }) => usd));
    const expected = json.outcomes
      .toSorted((a, b) => a.usd - b.usd)
      .map(({ name, usd }) => ({
        name,
        width: expect.closeTo((100 * usd) / most, 2),
        bound: expect.closeTo((100 * json.boundUsd) / most, 2),
      }));
    expect(bars).toEqual(expected);
  });

  test("says first what it means, and shows every decision with its reason", async () => {
    expect(json.verdict).toContain(await page.evaluate("document.getElementById('verdict').textContent"));
    const reasons = z
      .array(z.string())
      .parse(
        await page.evaluate(
          "[...document.querySelectorAll('#changes tr')].slice(1).map((row) => row.cells[3].textContent)",
        ),
      );
    expect(reasons).toEqual(json.changes.map(({ detail }) => detail));
    const pointed = Date.parse(json.changes[json.changes.length >> 1]?.at ?? "") / 1000 + 1;
    await page.evaluate(`charts.nodes.setCursor({ left: charts.nodes.valToPos(${pointed}, "x"), top: 10 }); true`);
    const inForce = json.changes.findLast(({ at }) => Date.parse(at) / 1000 <= pointed);
    expect(await page.evaluate("document.getElementById('reason').textContent")).toContain(inForce?.detail ?? "none");
  });

  test("shows names as they are, whatever is in them", async () => {
    expect(await page.evaluate("document.getElementById('assumed').textContent")).toContain("</script><b>a");
    expect(await page.evaluate("document.querySelectorAll('#assumed b').length")).toBe(0);
  });
});
