import { type Command, InvalidArgumentError, Option } from "commander";
import { parseSource } from "../../lab/backtest/binding.ts";
import { BacktestError } from "../../lab/backtest/errors.ts";
import type { Source } from "../../lab/controllers/measures.ts";
import { DEMAND_SHAPES } from "../../lab/traces/generated-demand.ts";
import { DEFAULT_BOOT, DEFAULT_NOTICE } from "../../lab/world/options.ts";
import { type EpochSeconds, parseDuration, type Seconds } from "../../shared/policy/units.ts";
import { parseTime } from "../commands/schedules.ts";
import { OUTPUTS, type Output } from "../output.ts";

/** The options of `vramp backtest`, parsed. */
export interface BacktestOptions {
  readonly policy: string;
  readonly workload?: string;
  readonly demand?: string;
  readonly since?: Seconds;
  readonly prometheus?: string;
  readonly secrets?: string;
  readonly spot: string;
  readonly actual?: string;
  readonly zone: ReadonlyMap<string, string>;
  readonly price: ReadonlyMap<string, number>;
  readonly bind: ReadonlyMap<string, Source>;
  readonly offset: Seconds;
  readonly length?: Seconds;
  readonly start: EpochSeconds;
  readonly rate?: number;
  readonly slots: number;
  readonly peakNodes?: number;
  readonly maxWait?: Seconds;
  readonly attainment?: number;
  readonly startNodes: number;
  readonly boot: Seconds;
  readonly bootSpread: number;
  readonly notice: Seconds;
  readonly onDemandCap?: number;
  readonly missingSamples: number;
  readonly fillHoles: boolean;
  readonly seed: number;
  readonly peers: boolean;
  readonly html?: string;
  readonly saveTraces?: string;
  readonly check: boolean;
  readonly output: Output;
}

/** How long generated demand goes on, unless `--length` says. */
export const GENERATED_LENGTH: Seconds = 7 * 86_400;

/** What the world's clock starts at, unless a trace has dates: a Monday. */
const START = "2026-01-05T00:00:00Z";

/** Slots of a node, unless said: what the benchmark's have. */
const DEFAULT_SLOTS = 32;

function seconds(text: string): Seconds {
  const value = parseDuration(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Write a duration with a unit, such as 90s, 30m or 7d.");
}

function numberIn(low: number, high: number, what: string): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Write ${what}.`);
  };
}

function wholeIn(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Write a whole number from ${low} to ${high}.`);
  };
}

/** Collects `NAME=VALUE` of an option that may come several times. */
function pairs<T>(example: string, of: (text: string) => T) {
  return (text: string, before: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    const at = text.indexOf("=");
    if (at < 1) throw new InvalidArgumentError(`Write ${example}.`);
    const name = text.slice(0, at).trim();
    if (before.has(name)) throw new InvalidArgumentError(`${name} is given twice.`);
    return new Map([...before, [name, of(text.slice(at + 1).trim())]]);
  };
}

function source(text: string): Source {
  try {
    return parseSource(text);
  } catch (cause) {
    throw cause instanceof BacktestError ? new InvalidArgumentError(cause.message) : cause;
  }
}

const most = 1e9;
const positive = (what: string) => numberIn(Number.MIN_VALUE, most, what);
const share = numberIn(0, 1, "a share from 0 to 1");

/** Declares what `vramp backtest` takes. */
export function addBacktestOptions(command: Command): Command {
  return command
    .requiredOption("--policy <file>", "the policy, in YAML")
    .option("--workload <name>", "the workload to try; needed when the policy has several")
    .option("--demand <source>", `a CSV (t_s,requests or t_s,exec_s), or generated:SHAPE (${DEMAND_SHAPES.join(", ")})`)
    .option("--since <duration>", "read the demand of so long a time from the policy's own arrivals signal", seconds)
    .option("--prometheus <url>", "with --since: the Prometheus to read from; the signal's own source when absent")
    .addOption(
      new Option(
        "--secrets <folder>",
        "with --since: folder with a file for each secret; AWS Secrets Manager when absent",
      ).env("VRAMP_SECRETS"),
    )
    .option("--spot <source>", "a CSV (t_s and a column for each zone), or generated", "generated")
    .option("--actual <file>", "what really ran, a CSV (t_s,nodes or t_s,nodes,pool), to compare with")
    .option(
      "--zone <pool=column>",
      "a spot pool's column in the spot CSV; its zone in the policy when absent",
      pairs("POOL=COLUMN", String),
      new Map(),
    )
    .option(
      "--price <pool=usd>",
      "USD for one node for one hour, where the policy has no pricePerHour",
      pairs("POOL=USD", numberIn(0, most, "POOL=USD, such as gpu-spot=0.918")),
      new Map(),
    )
    .option(
      "--bind <signal=measure>",
      "what a signal of the policy is in the simulated world, such as queue=waiting",
      pairs("SIGNAL=MEASURE", source),
      new Map(),
    )
    .option("--offset <duration>", "where in the spot CSV the demand begins", seconds, 0)
    .option("--length <duration>", "how much of the demand to run; all of a file, 7d of a generated one", seconds)
    .option("--start <time>", "the time of t_s 0, where no file has dates", parseTime, parseTime(START))
    .option(
      "--rate <n>",
      "requests a second that one node serves; the policy's objective.perNode when absent",
      positive("requests a second, such as 4"),
    )
    .option("--slots <n>", "requests that one node has in service at once", wholeIn(1, 100_000), DEFAULT_SLOTS)
    .option(
      "--peak-nodes <n>",
      "scale requests so that the busiest ten minutes need so many nodes",
      positive("a number of nodes"),
    )
    .option(
      "--max-wait <duration>",
      "the wait that counts as in time; the objective's, or 60s (300s for jobs)",
      seconds,
    )
    .option(
      "--attainment <share>",
      "the share that is to be in time; the objective's, or 0.99",
      numberIn(0.5, 0.99999, "a share from 0.5 to 0.99999"),
    )
    .option("--start-nodes <n>", "nodes that are ready at the start", wholeIn(0, 10_000), 1)
    .option("--boot <duration>", "median time from a node's request to its being ready", seconds, DEFAULT_BOOT.median)
    .option(
      "--boot-spread <n>",
      "deviation of the boot time's logarithm",
      numberIn(0, 2, "a number from 0 to 2"),
      DEFAULT_BOOT.sigma,
    )
    .option("--notice <duration>", "from a spot notice to the node's end", seconds, DEFAULT_NOTICE)
    .option(
      "--on-demand-cap <n>",
      "on-demand nodes there are in all; as many as are asked for when absent",
      wholeIn(0, 10_000),
    )
    .option("--missing-samples <share>", "share of metric samples that get lost", share, 0)
    .option("--fill-holes", "read intervals without a row as without requests", false)
    .option(
      "--seed <n>",
      "of all that is drawn: arrivals, boots, lost samples, what is generated",
      wholeIn(0, 999_999_999),
      1,
    )
    .option("--peers", "run KEDA/HPA with Cluster Autoscaler and Karpenter, rules and SkyServe too", false)
    .option("--html <file>", "write a report with charts")
    .option("--save-traces <folder>", "write the demand and spot that were run as CSV")
    .option("--check", "end with 3 when the policy does not keep its attainment", false)
    .addOption(new Option("--output <format>", "how to print the result").choices(OUTPUTS).default("text"));
}
