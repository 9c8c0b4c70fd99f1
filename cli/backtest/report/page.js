// The report's script: draws what the page carries in #backtest. Colours come from the style sheet, so both schemes work.

const backtest = JSON.parse(document.getElementById("backtest").textContent);
const { timeline, outcomes, objective, world, boundUsd } = backtest;
const vramp = outcomes.find((outcome) => outcome.kind === "vramp");

const byId = (id) => document.getElementById(id);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const dollars = (usd) => `$${usd.toLocaleString("en-US", { maximumFractionDigits: usd < 100 ? 2 : 0 })}`;
const percent = (share, digits = 2) => `${(share * 100).toFixed(digits)} %`;
const clock = (text) => `${text.slice(0, 10)} ${text.slice(11, 16)}`;

function duration(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200
    ? `${(seconds / 60).toFixed(seconds % 60 === 0 ? 0 : 1)} min`
    : `${(seconds / 3600).toFixed(1)} h`;
}

/** An element with its text; whatever the text is, it stays text. */
function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

/** Fills a table: headings (those that begin with # are of numbers), then rows of texts or elements. */
function fillTable(id, headings, rows, classOf = () => "") {
  const cell = (tag, content, i) => {
    const numeric = headings[i]?.startsWith("#");
    const made = content instanceof Node ? element(tag) : element(tag, content.replace(/^#/, ""));
    if (content instanceof Node) made.append(content);
    if (numeric) made.classList.add("number");
    return made;
  };
  const head = element("tr");
  head.append(...headings.map((heading, i) => cell("th", heading, i)));
  const lines = rows.map((row, at) => {
    const line = element("tr", "", classOf(at));
    line.append(...row.map((content, i) => cell("td", content, i)));
    line.firstChild.classList.add("name");
    return line;
  });
  byId(id).append(head, ...lines);
}

function drawHeader() {
  const days = Number((backtest.hours / 24).toFixed(2));
  byId("crumb").textContent =
    `${backtest.policy.file} · ${clock(backtest.from)} to ${clock(backtest.to)} UTC (${days} days)`;
  const kept = vramp.holds ? "keeps what is wanted" : "does not keep what is wanted";
  const mark = element("span", kept, vramp.holds ? "good" : "bad");
  byId("heading").replaceChildren(`${backtest.policy.workload}: vramp `, mark);
  byId("verdict").textContent = backtest.verdict.replace(/^[^:]*: /, "");
}

function tile(label, value, note, className = "") {
  const made = element("div", "", "tile");
  made.append(
    element("div", label, "label"),
    element("div", value, `value ${className}`),
    element("div", note, "note"),
  );
  return made;
}

function drawTiles() {
  const fixed =
    outcomes.find((outcome) => outcome.kind === "actual") ?? outcomes.find((outcome) => outcome.kind === "static");
  const less = fixed === undefined || fixed.usd === 0 ? null : 1 - vramp.usd / fixed.usd;
  const against =
    less === null
      ? ""
      : `${percent(Math.abs(less), 0)} ${less < 0 ? "more" : "less"} than ${fixed.kind === "actual" ? "what ran" : "a fixed size"}`;
  const wait = objective.maxWaitSeconds;
  byId("tiles").append(
    tile("Cost", dollars(vramp.usd), against),
    tile(
      "Times the bound",
      vramp.timesBound === null ? "-" : `${vramp.timesBound.toFixed(2)} ×`,
      `nobody can be below ${dollars(boundUsd)}`,
    ),
    tile(
      `Waited at most ${duration(wait)}`,
      percent(vramp.attainment),
      `wanted: ${percent(objective.attainment)}`,
      vramp.attainment >= objective.attainment ? "good" : "bad",
    ),
    tile(
      "Wait, p99",
      duration(vramp.wait.p99),
      `median ${duration(vramp.wait.p50)}, longest ${duration(vramp.wait.longest)}`,
    ),
    tile(
      "On spot",
      percent(vramp.spotShare, 0),
      `of ${vramp.gpuHours.toLocaleString("en-US", { maximumFractionDigits: 0 })} GPU-hours`,
    ),
    tile(
      "Calls per GPU-hour",
      vramp.churnPerGpuHour.toFixed(2),
      `${vramp.actions} size changes, ${vramp.failedLaunches} refused launches`,
    ),
  );
}

function drawPolicies() {
  const most = Math.max(...outcomes.map((outcome) => outcome.usd), boundUsd);
  const bar = (usd) => {
    const made = element("div", "", "bar");
    const fill = element("div", "", "fill");
    fill.style.width = `${(100 * usd) / most}%`;
    const bound = element("div", "", "bound");
    bound.style.left = `${(100 * boundUsd) / most}%`;
    made.append(fill, bound);
    made.title = `${dollars(usd)}; bound ${dollars(boundUsd)}`;
    return made;
  };
  const sorted = outcomes.toSorted((a, b) => a.usd - b.usd);
  const rows = sorted.map((o) => [
    o.name,
    bar(o.usd),
    dollars(o.usd),
    o.timesBound === null ? "-" : o.timesBound.toFixed(2),
    percent(o.attainment),
    duration(o.wait.p99),
    percent(o.spotShare, 0),
    o.kind === "actual" ? "-" : o.churnPerGpuHour.toFixed(2),
    o.holds ? element("span", "yes", "good") : element("span", "no", "bad"),
  ]);
  const headings = ["Policy", "", "#USD", "#× bound", "#In time", "#p99 wait", "#Spot", "#Calls/GPU-h", "Keeps it"];
  fillTable("policies", headings, rows, (at) => `${sorted[at].kind} ${sorted[at].holds ? "" : "fails"}`);
  const failing = sorted
    .filter((o) => !o.holds)
    .map((o) => element("li", `${o.name} does not keep it: ${o.fails.join("; ")}`));
  byId("failing").append(...failing);
}

/** Pools in the order they are stacked: on-demand, what one would rather not need, on top. */
const pools = world.pools.toSorted((a, b) => (a.capacity === b.capacity ? 0 : a.capacity === "spot" ? -1 : 1));
const poolColours = (() => {
  const counts = { spot: 0, "on-demand": 0 };
  return new Map(
    pools.map(({ name, capacity }) => {
      const i = counts[capacity]++;
      return [name, capacity === "spot" ? `--pool-${i % 6}` : `--od-${i % 3}`];
    }),
  );
})();

const HEIGHT = 210;
const GUTTER = 78;
const changeTimes = backtest.changes.map((change) => Date.parse(change.at) / 1000);

/** The change that was made last by a time, or null. */
function changeBefore(time) {
  const next = changeTimes.findIndex((at) => at > time);
  return backtest.changes[(next === -1 ? changeTimes.length : next) - 1] ?? null;
}

/** Ticks along the bottom of the nodes: one for each decision that changed what is asked for. */
function drawTicks(chart) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = colour("--ink");
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const at of changeTimes) {
    const x = chart.valToPos(at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x, bbox.top + bbox.height - 7 * devicePixelRatio);
  }
  ctx.stroke();
  ctx.restore();
}

function showReason(time) {
  const change = changeBefore(time);
  const line = byId("reason");
  line.replaceChildren();
  if (change === null) return;
  const sizes = Object.entries(change.pools)
    .filter(([, nodes]) => nodes > 0)
    .map(([name, nodes]) => `${name} ${nodes}`);
  line.append(
    element("b", `${clock(change.at)} ${change.from} → ${change.to} nodes, ${change.reason}: `),
    `${change.detail} (asked for: ${sizes.join(", ") || "none"})`,
  );
}

const axis = (more = {}) => ({
  stroke: () => colour("--soft"),
  grid: { stroke: () => colour("--rule"), width: 1 },
  ticks: { stroke: () => colour("--rule"), width: 1 },
  font: "12px system-ui, sans-serif",
  ...more,
});

/** Times in UTC on 24 hours, with the date at midnight and at the first one. */
function timeTexts(_chart, splits) {
  return splits.map((at, i) => {
    const text = new Date(at * 1000).toISOString();
    const time = text.slice(11, 16);
    if (time === "00:00") return text.slice(5, 10);
    return i === 0 ? `${text.slice(5, 10)} ${time}` : time;
  });
}

/** A chart over the shared time axis. `data` and `series` are uPlot's. */
function chart(id, data, series, more = {}) {
  const place = byId(id);
  const { hooks = {}, scales = {}, yAxis = {}, height = HEIGHT, bands = [] } = more;
  const made = new uPlot(
    {
      width: place.clientWidth,
      height,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      cursor: { sync: { key: "time" }, drag: { x: true, y: false }, y: false },
      legend: { show: false },
      scales: { x: { time: true }, ...scales },
      axes: [axis({ values: timeTexts }), axis({ size: GUTTER, ...yAxis })],
      series: [{}, ...series],
      bands,
      hooks,
    },
    [timeline.time, ...data],
    place,
  );
  new ResizeObserver(() => made.setSize({ width: place.clientWidth, height })).observe(place);
  return made;
}

const stepped = uPlot.paths.stepped({ align: 1 });
const thin = (name) => ({ stroke: () => colour(name), width: 1.5, points: { show: false } });
const fromZero = { y: { range: (_chart, _low, high) => [0, Math.max(1, high) * 1.08] } };

/** Pools on top of one another: each series is its own nodes and all below it. The upper ones come first, so that lower ones stay visible. */
function nodesChart() {
  const sums = timeline.time.map(() => 0);
  const stacked = pools.map(({ name }) => timeline.ready[name].map((nodes, i) => (sums[i] += nodes)));
  const series = pools.map(({ name }) => ({
    label: name,
    stroke: () => colour(poolColours.get(name)),
    fill: () => colour(poolColours.get(name)),
    width: 0,
    paths: stepped,
    points: { show: false },
  }));
  const needed = { label: "needed", ...thin("--line"), paths: stepped };
  const made = chart("chart-nodes", [...stacked.toReversed(), timeline.nodesNeeded], [...series.toReversed(), needed], {
    scales: fromZero,
    height: 260,
    hooks: {
      draw: [drawTicks],
      setCursor: [(u) => u.cursor.idx !== null && u.cursor.left >= 0 && showReason(u.posToVal(u.cursor.left, "x"))],
    },
  });
  const legend = pools.map(({ name }) => {
    const entry = element("span", "");
    const swatch = element("i");
    swatch.style.background = `var(${poolColours.get(name)})`;
    entry.append(swatch, name);
    return entry;
  });
  const line = element("span", "");
  const swatch = element("i", "", "line");
  swatch.style.borderColor = "var(--line)";
  line.append(swatch, "needed for the demand of the moment");
  byId("legend-nodes").append(...legend, line);
  return made;
}

function demandChart() {
  const what = world.kind === "jobs" ? "Jobs" : "Requests";
  byId("caption-demand").textContent = `${what} that come in, a second`;
  return chart("chart-demand", [timeline.arrivalsPerSecond], [{ label: "arrivals", ...thin("--accent") }], {
    scales: fromZero,
    height: 150,
  });
}

function waitChart() {
  const wanted = objective.maxWaitSeconds;
  byId("caption-wait").textContent =
    `The longest that anybody in the line has waited, in seconds; the line is ${duration(wanted)}, what is wanted`;
  const limit = (u) => {
    const y = u.valToPos(wanted, "y", true);
    u.ctx.save();
    u.ctx.strokeStyle = colour("--bad");
    u.ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    u.ctx.lineWidth = 1.5 * devicePixelRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(u.bbox.left, y);
    u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
    u.ctx.stroke();
    u.ctx.restore();
  };
  const series = {
    label: "oldest wait",
    stroke: () => colour("--bad"),
    width: 1.5,
    fill: () => `color-mix(in srgb, ${colour("--bad")} 18%, transparent)`,
    points: { show: false },
  };
  return chart("chart-wait", [timeline.oldestWait], [series], {
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(wanted * 1.5, high * 1.08)] } },
    height: 150,
    hooks: { draw: [limit] },
  });
}

/** A lane for each zone, filled as far as the zone had any capacity. */
function spotChart() {
  const zones = Object.keys(timeline.spotUp).toReversed();
  if (zones.length === 0) {
    byId("figure-spot").remove();
    return null;
  }
  const lane = (i, share) => i + 0.1 + 0.8 * share;
  const data = zones.flatMap((zone, i) => [
    timeline.spotUp[zone].map((up) => lane(i, up)),
    timeline.time.map(() => lane(i, 0)),
  ]);
  const paint = (zone) => {
    const pool = world.pools.find((each) => each.zone === zone);
    return () => colour(poolColours.get(pool.name));
  };
  const series = zones.flatMap((zone) => [
    { label: zone, stroke: paint(zone), width: 0, paths: stepped, points: { show: false } },
    { label: `${zone}, base`, stroke: paint(zone), width: 1, points: { show: false } },
  ]);
  const bands = zones.map((zone, i) => ({ series: [2 * i + 1, 2 * i + 2], fill: paint(zone) }));
  return chart("chart-spot", data, series, {
    scales: { y: { range: () => [0, zones.length] } },
    height: 46 + 34 * zones.length,
    bands,
    yAxis: {
      splits: () => zones.map((_, i) => i + 0.5),
      values: () => zones.map((zone) => (zone.length > 9 ? `…${zone.slice(-8)}` : zone)),
      grid: { show: false },
    },
  });
}

function drawWorst() {
  if (backtest.worst.length === 0) {
    byId("worst").append(element("caption", "Nobody waited longer than that."));
    return;
  }
  const rows = backtest.worst.map((w) => [
    `${clock(w.at)}`,
    String(w.late),
    duration(w.seconds),
    duration(w.longestWait),
    `${w.ready} of ${w.want}`,
    `${w.reason}: ${w.detail}`,
  ]);
  fillTable("worst", ["When (UTC)", "#Late", "#For", "#Longest wait", "#Nodes ready", "vramp said"], rows);
}

function drawAssumed() {
  const node =
    world.kind === "jobs"
      ? "one job at a time"
      : `${world.ratePerNode} requests a second, ${world.slotsPerNode} at once`;
  const rows = [
    ["Demand", world.demand],
    ["Spot capacity", world.spot ?? "no pool is spot"],
    ["A node serves", node],
    ...world.pools.map((pool) => [
      `Pool ${pool.name}`,
      `${pool.capacity}${pool.zone === null ? "" : ` in ${pool.zone}`}, ${pool.usdPerHour} USD a node-hour${pool.startNodes > 0 ? `, ${pool.startNodes} ready at the start` : ""}`,
    ]),
    [
      "Boot",
      `${duration(world.bootSeconds.median)} in the median, ${duration(world.bootSeconds.min)} to ${duration(world.bootSeconds.max)}`,
    ],
    ["Spot notice", duration(world.noticeSeconds)],
    ["On-demand", world.onDemandCap === null ? "as many as are asked for" : `${world.onDemandCap} nodes at most`],
    ...backtest.bindings.map(({ signal, measure }) => [`Signal ${signal}`, `is ${measure}`]),
    ["Seed", String(world.seed)],
  ];
  fillTable("assumed", ["What", "In this world"], rows);
  byId("notes").append(...backtest.notes.map((note) => element("li", note)));
}

function drawChanges() {
  const more =
    backtest.changesUnlisted > 0 ? `, the first of ${backtest.changes.length + backtest.changesUnlisted}` : "";
  byId("changes-summary").textContent =
    `All ${backtest.changes.length} decisions that changed what is asked for${more}`;
  const rows = backtest.changes.map((c) => [clock(c.at), `${c.from} → ${c.to}`, c.reason, c.detail]);
  fillTable("changes", ["When (UTC)", "#Nodes", "Reason", "Why"], rows);
}

drawHeader();
drawTiles();
drawPolicies();
const charts = { nodes: nodesChart(), demand: demandChart(), wait: waitChart(), spot: spotChart() };
drawWorst();
drawAssumed();
drawChanges();
showReason(changeTimes[0] ?? 0);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const each of Object.values(charts)) each?.redraw(false, true);
});
