import { sourceText } from "../../lab/backtest/binding.ts";
import type { Outcome } from "../../lab/backtest/outcome.ts";
import { type Moment, upShares } from "../../lab/backtest/recorder.ts";
import type { Scenario } from "../../lab/backtest/scenario.ts";
import { verdictOf } from "../../lab/backtest/verdict.ts";
import type { WorldOptions } from "../../lab/world/options.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { rfc3339 } from "../../shared/reconcile/rfc3339.ts";
import type { Done } from "./done.ts";

/** Figures that people read need no more digits than mean something. */
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Nodes that the demand of each moment keeps busy, and what a moment saw of the line. */
function timelineOf({ moments, bucket }: Done["backtest"]["recorded"], { world, start }: Scenario) {
  const inTime = moments.filter(({ at }) => at < world.length);
  const pools = world.pools.map((pool) => pool.name);
  const perPool = (of: (moment: Moment) => Readonly<Record<string, number>>) =>
    Object.fromEntries(pools.map((name) => [name, inTime.map((moment) => rounded(of(moment)[name] ?? 0, 2))] as const));
  return {
    bucketSeconds: bucket,
    time: inTime.map(({ at }) => start + at),
    arrivalsPerSecond: inTime.map(({ arrivals }) => rounded(arrivals, 4)),
    nodesNeeded: neededOf(world, inTime, bucket),
    waiting: inTime.map(({ waiting }) => rounded(waiting, 2)),
    oldestWait: inTime.map(({ oldest }) => oldest),
    ready: perPool(({ ready }) => ready),
    desired: perPool(({ desired }) => desired),
    spotUp: Object.fromEntries(
      Object.keys(world.spot).map(
        (zone) =>
          [
            zone,
            upShares(world, zone)
              .slice(0, inTime.length)
              .map((up) => rounded(up, 2)),
          ] as const,
      ),
    ),
  };
}

function neededOf({ demand }: WorldOptions, moments: readonly Moment[], bucket: number): readonly number[] {
  if (demand.kind === "service") return moments.map(({ arrivals }) => rounded(arrivals / demand.rate, 2));
  const work = moments.map(() => 0);
  for (const { at, exec } of demand.jobs) {
    const i = Math.floor(at / bucket);
    if (i < work.length) work[i] = (work[i] ?? 0) + exec;
  }
  return work.map((seconds) => rounded(seconds / bucket, 2));
}

function outcomeJson({ usd, gpuHours, spotShare, attainment, churnPerGpuHour, ...rest }: Outcome, bound: number) {
  return {
    ...rest,
    holds: rest.fails.length === 0,
    usd: rounded(usd, 2),
    timesBound: bound === 0 ? null : rounded(usd / bound, 6),
    gpuHours: rounded(gpuHours, 2),
    spotShare: rounded(spotShare, 4),
    attainment: rounded(attainment, 6),
    churnPerGpuHour: rounded(churnPerGpuHour, 3),
  };
}

const timed = <T extends { readonly at: EpochSeconds }>({ at, ...rest }: T) => ({ at: rfc3339(at), ...rest });

/** The stable form for other programs, and what the report is drawn from. Times are RFC 3339, but for the timeline's: epoch seconds. */
export function toJson({ file, scenario, bindings, demand, spot, backtest }: Done) {
  const { world, start, attainment, workload, policy, name } = scenario;
  const { outcomes, bound, worst, changes, unlisted, recorded, notes } = backtest;
  const { demand: inWorld } = world;
  return {
    verdict: verdictOf(outcomes, bound, attainment, world.maxWait),
    policy: { file, fleet: policy.fleet, workload: name },
    from: rfc3339(start),
    to: rfc3339(start + world.length),
    hours: rounded(world.length / 3600, 3),
    objective: { maxWaitSeconds: world.maxWait, attainment },
    boundUsd: rounded(bound, 2),
    outcomes: outcomes.map((outcome) => outcomeJson(outcome, bound)),
    worst: worst.map(timed),
    notes,
    bindings: bindings.map(({ signal, source, by }) => ({ signal, measure: sourceText(source), by })),
    world: {
      demand: demand.name,
      spot: spot?.name ?? null,
      kind: inWorld.kind,
      ...(inWorld.kind === "service" ? { ratePerNode: inWorld.rate, slotsPerNode: inWorld.slots } : {}),
      pools: world.pools.map((pool) => ({
        name: pool.name,
        capacity: pool.market,
        zone: pool.zone,
        usdPerHour: pool.price,
        startNodes: scenario.initial[pool.name] ?? 0,
      })),
      gpusPerNode: workload.gpu.perNode,
      bootSeconds: world.boot,
      noticeSeconds: world.notice,
      onDemandCap: world.onDemandCap,
      missingSamples: world.missingSamples,
      callsPerMinute: world.calls.perMinute,
      seed: world.seed,
    },
    timeline: timelineOf(recorded, scenario),
    changes: changes.map(timed),
    changesUnlisted: unlisted,
  };
}

/** What `--output json` prints. */
export type BacktestJson = ReturnType<typeof toJson>;
