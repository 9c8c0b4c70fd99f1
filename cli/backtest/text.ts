import { formatDuration } from "../../shared/policy/units.ts";
import type { Paint } from "../output.ts";
import { indent, table } from "../table.ts";
import type { BacktestJson } from "./json.ts";

type OutcomeJson = BacktestJson["outcomes"][number];

const percent = (share: number, digits: number): string => `${(share * 100).toFixed(digits)}%`;
const dollars = (usd: number): string =>
  usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const HEADINGS = [
  "POLICY",
  "USD",
  "X BOUND",
  "GPU-H",
  "SPOT",
  "WAIT p50",
  "p95",
  "p99",
  "IN TIME",
  "BREACHES",
  "ACTIONS",
  "REFUSED",
  "PER GPU-H",
  "KEEPS IT",
];

function cells(outcome: OutcomeJson): readonly string[] {
  const { name, kind, usd, timesBound, gpuHours, spotShare, wait, attainment, breaches } = outcome;
  const calls =
    kind === "actual"
      ? ["-", "-", "-"]
      : [String(outcome.actions), String(outcome.failedLaunches), outcome.churnPerGpuHour.toFixed(2)];
  return [
    name,
    dollars(usd),
    timesBound === null ? "-" : timesBound.toFixed(2),
    gpuHours.toFixed(0),
    percent(spotShare, 0),
    `${wait.p50}s`,
    `${wait.p95}s`,
    `${wait.p99}s`,
    percent(attainment, 2),
    breaches.count === 0 ? "0" : `${breaches.count} (p95 ${formatDuration(breaches.p95)})`,
    ...calls,
    outcome.holds ? "yes" : "NO",
  ];
}

function worstLines({ worst }: BacktestJson, paint: Paint): readonly string[] {
  if (worst.length === 0) return ["Nobody waited longer than that."];
  return worst.flatMap(({ at, seconds, late, longestWait, ready, want, reason, detail }) => [
    `${paint("bold", at.slice(0, 19))}Z  ${late} late in ${formatDuration(seconds)}, ${formatDuration(longestWait)} at most; ${ready} ready, ${want} wanted`,
    indent(`${reason}: ${detail}`),
  ]);
}

function worldLines({ world, objective, from, to, hours }: BacktestJson): readonly string[] {
  const pools = world.pools.map(({ name, zone, usdPerHour, startNodes }) => {
    const where = zone === null ? "" : ` in ${zone}`;
    return `${name}${where} at ${usdPerHour} USD${startNodes > 0 ? `, ${startNodes} at the start` : ""}`;
  });
  const node =
    world.kind === "service"
      ? `; a node serves ${world.ratePerNode} a second in ${world.slotsPerNode} slots`
      : "; a node takes one job at a time";
  return [
    `${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z (${Number((hours / 24).toFixed(2))} days), wait at most ${formatDuration(objective.maxWaitSeconds)} for ${percent(objective.attainment, 2)}`,
    `demand: ${world.demand}${node}`,
    `spot: ${world.spot ?? "no pool is spot"}; notice ${formatDuration(world.noticeSeconds)}; boot ${formatDuration(world.bootSeconds.median)} in the median; seed ${world.seed}`,
    `pools: ${pools.join("; ")}`,
  ];
}

/** The form for people: the verdict first, then the figures, the worst moments, and what was assumed. */
export function toText(json: BacktestJson, paint: Paint): string {
  const { policy, outcomes, boundUsd, bindings, notes, verdict } = json;
  const [headings = "", ...rows] = table([HEADINGS, ...outcomes.map(cells)]).split("\n");
  const bound = bindings.map(
    ({ signal, measure, by }) =>
      `${signal} is ${measure} (by ${by === "option" ? "--bind" : by === "use" ? "what the policy uses it for" : by === "name" ? "its name: --bind says otherwise" : "nothing: it decides no size"})`,
  );
  const failed = outcomes.flatMap(({ name, fails }) => fails.map((why) => `${name}: ${why}`));
  return [
    paint("bold", `${policy.file}: ${policy.workload}`),
    ...worldLines(json),
    "",
    paint("dim", headings),
    ...rows,
    `closed-form bound: ${dollars(boundUsd)} USD`,
    ...(failed.length === 0 ? [] : ["", paint("bold", "Why not:"), ...failed.map((line) => indent(line))]),
    "",
    paint("bold", "The worst moments, and what vramp had decided when they began:"),
    ...worstLines(json, paint).map((line) => indent(line)),
    "",
    paint("bold", "Signals and assumptions:"),
    ...[...bound, ...notes].map((line) => indent(line)),
    "",
    paint(outcomes[0]?.holds === true ? "green" : "red", verdict),
  ].join("\n");
}
