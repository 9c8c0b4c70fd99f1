import type { Binding } from "../../lab/backtest/binding.ts";
import type { Settings, SpotSource } from "../../lab/backtest/scenario.ts";
import { spotZones } from "../../lab/backtest/scenario.ts";
import { type DemandTrace, readDemand } from "../../lab/traces/demand.ts";
import { DEMAND_SHAPES, generateDemand } from "../../lab/traces/generated-demand.ts";
import { generateSpot } from "../../lab/traces/generated-spot.ts";
import { readSpot } from "../../lab/traces/spot.ts";
import { DEFAULT_BOOT } from "../../lab/world/options.ts";
import { zoneNamed } from "../../shared/decide/calendar/zone.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { didYouMean } from "../../shared/policy/suggest.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { UserError } from "../output.ts";
import { workloadNamed } from "../valid-policy.ts";
import { type BacktestOptions, GENERATED_LENGTH } from "./options.ts";

const GENERATED = "generated";

/** The workload that is to be tried. Throws `UserError`. */
export function chosenWorkload(policy: Policy, wanted: string | undefined): readonly [string, Workload] {
  const names = Object.keys(policy.workloads);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  if (name !== undefined) return [name, workloadNamed(policy, name)];
  throw new UserError(`the policy has ${names.length} workloads; choose one with --workload: ${names.join(", ")}`);
}

/** Share of `nodes.max` that generated demand needs at its busiest, unless `--peak-nodes` says. */
const GENERATED_PEAK = 0.7;

/** What the options say about the world. */
export function settingsOf(options: BacktestOptions): Settings {
  const { zone, price, boot, bootSpread } = options;
  return {
    seed: options.seed,
    boot: {
      ...DEFAULT_BOOT,
      median: boot,
      sigma: bootSpread,
      min: Math.min(DEFAULT_BOOT.min, boot),
      max: Math.max(DEFAULT_BOOT.max, 3 * boot),
    },
    notice: options.notice,
    onDemandCap: options.onDemandCap ?? null,
    missingSamples: options.missingSamples,
    offset: options.offset,
    length: options.length ?? null,
    start: options.start,
    rate: options.rate ?? null,
    slots: options.slots,
    peakNodes: options.peakNodes ?? null,
    maxWait: options.maxWait ?? null,
    attainment: options.attainment ?? null,
    startNodes: options.startNodes,
    zones: zone,
    prices: price,
  };
}

/** Refuses a pool that `--zone` or `--price` names and the workload lacks: as a typo it would leave the default in force. */
export function refuseUnknownPools({ pools }: Workload, { zone, price }: BacktestOptions): void {
  const names = pools.map((pool) => pool.name);
  for (const [option, given] of [
    ["--zone", [...zone.keys()]],
    ["--price", [...price.keys()]],
  ] as const) {
    const wrong = given.find((name) => !names.includes(name));
    if (wrong !== undefined)
      throw new UserError(
        `${option} ${wrong}: the workload has no such pool; ${didYouMean(wrong, names, "it has none")}`,
      );
  }
}

function generatedDemand(text: string, policy: Policy, workload: Workload, options: BacktestOptions): DemandTrace {
  const wanted = text.slice(GENERATED.length + 1);
  const shape = DEMAND_SHAPES.find((each) => each === wanted);
  if (shape === undefined) throw new UserError(`--demand ${text}: ${didYouMean(wanted, DEMAND_SHAPES, "")}`);
  const rate = options.rate ?? workload.objective?.perNode;
  if (shape !== "jobs" && rate === undefined)
    throw new UserError(
      "nothing says how many requests a second one node serves; give --rate N, or objective.perNode in the policy",
    );
  const nodes = options.peakNodes ?? Math.max(1, Math.floor(workload.nodes.max * GENERATED_PEAK));
  const wall = zoneNamed(policy.timeZone)?.wallAt(options.start) ?? options.start;
  const made = generateDemand(
    { shape, length: options.length ?? GENERATED_LENGTH, seed: options.seed, wall },
    shape === "jobs" ? nodes : nodes * (rate ?? 1),
  );
  const note = `demand is made up (${shape}, seed ${options.seed}): its busiest ten minutes need about ${nodes} nodes`;
  return { ...made, notes: [note] };
}

/** Where demand is from, for people. */
export interface NamedDemand {
  readonly name: string;
  readonly trace: DemandTrace;
}

/** The secrets of a metric source. Their client is loaded by the first that is asked for. */
function secretsOf(folder: string | undefined): Secrets {
  return {
    get: async (name) => {
      if (folder !== undefined) {
        const { createSecretFiles } = await import("../../functions/serve/secret-files.ts");
        return createSecretFiles(folder).get(name);
      }
      const { createSecretsManager, createSecretsManagerClient } = await import(
        "../../shared/secrets/secrets-manager.ts"
      );
      return createSecretsManager({ client: createSecretsManagerClient(), now: systemClock }).get(name);
    },
  };
}

async function fromPrometheus(
  since: Seconds,
  policy: Policy,
  bindings: readonly Binding[],
  { prometheus, fillHoles, secrets }: BacktestOptions,
): Promise<NamedDemand> {
  const { liveDemand } = await import("./live.ts");
  const now = Math.floor(systemClock());
  return liveDemand(policy, bindings, {
    since,
    prometheus: prometheus ?? null,
    fillHoles,
    secrets: secretsOf(secrets),
    now,
  });
}

/** Demand of a file, made up, or of the policy's own Prometheus. Throws `TraceError` and `UserError`. */
export async function demandFrom(
  policy: Policy,
  workload: Workload,
  bindings: readonly Binding[],
  options: BacktestOptions,
): Promise<NamedDemand> {
  const { demand, since, prometheus } = options;
  if (demand !== undefined && since !== undefined)
    throw new UserError("--demand and --since are two sources of demand; give one of them");
  if (since !== undefined) return fromPrometheus(since, policy, bindings, options);
  if (prometheus !== undefined) throw new UserError("--prometheus needs --since, such as --since 7d");
  if (demand === undefined) {
    throw new UserError(
      "nothing says what demand to run; give --demand FILE, --demand generated:SHAPE, or --since 7d to read it from the policy's own Prometheus",
    );
  }
  if (demand === GENERATED || demand.startsWith(`${GENERATED}:`))
    return { name: demand, trace: generatedDemand(demand, policy, workload, options) };
  return { name: demand, trace: await readDemand(demand, { fillHoles: options.fillHoles }) };
}

/** How long a demand goes on, for spot capacity that is made up to go with it. */
function lengthOf(trace: DemandTrace, wanted: Seconds | undefined): Seconds {
  const all =
    trace.kind === "requests"
      ? trace.counts.length * trace.interval
      : Math.floor((trace.jobs.at(-1)?.at ?? 0) / 60 + 1) * 60;
  return Math.min(all, wanted ?? Number.POSITIVE_INFINITY);
}

/** Spot capacity of a file, or made up; null when no pool is spot. Throws `TraceError` and `UserError`. */
export async function spotFrom(
  workload: Workload,
  demand: DemandTrace,
  { spot, zone, seed, length, offset }: BacktestOptions,
): Promise<SpotSource | null> {
  if (!workload.pools.some((pool) => pool.capacity === "spot")) return null;
  if (spot !== GENERATED) return { trace: await readSpot(spot), name: spot, generated: false };
  const zones = spotZones(workload, zone, true);
  const trace = generateSpot({ zones, length: offset + lengthOf(demand, length), seed });
  return { trace, name: `generated, seed ${seed}`, generated: true };
}
