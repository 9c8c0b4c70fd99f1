import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BacktestJson } from "../json.ts";

const here = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");

/** A file of the chart library, https://github.com/leeoniya/uPlot. */
function ofCharts(name: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  return readFile(resolve(`uplot/${name}`), "utf8");
}

/** Data that can stand in a script element: nothing in it can close the element. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A backtest as one HTML page with its charts, data, scripts and styles in it: it asks no network for anything. */
export async function reportHtml(json: BacktestJson): Promise<string> {
  const [css, body, script, chartCss, chartScript, licence] = await Promise.all([
    here("page.css"),
    here("page.html"),
    here("page.js"),
    ofCharts("dist/uPlot.min.css"),
    ofCharts("dist/uPlot.iife.min.js"),
    ofCharts("LICENSE"),
  ]);
  const title = escaped(`Backtest of ${json.policy.workload}, ${json.policy.fleet}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<!-- The charts are drawn by uPlot.
${licence.trim()}
-->
<style>${chartCss}
${css}</style>
</head>
<body>
${body}
<script type="application/json" id="backtest">${embedded(json)}</script>
<script>${chartScript}</script>
<script>${script}</script>
</body>
</html>
`;
}
