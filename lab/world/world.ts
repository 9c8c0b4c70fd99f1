import type { Seconds } from "../../shared/policy/units.ts";
import { type Calls, createCalls } from "./calls.ts";
import { capacityReader } from "./capacity.ts";
import type { Cause, Controller, Sight } from "./controller.ts";
import { createJobs } from "./jobs.ts";
import { type Node, newNode, readyNode } from "./node.ts";
import { SERVING_ENDS, STEP, TAIL, type WorldOptions, type WorldPool } from "./options.ts";
import { CloudPool, type Launch, type PoolTally } from "./pool.ts";
import { createRandom, logNormal, type Random } from "./random.ts";
import { createSampler } from "./samples.ts";
import { createService } from "./service.ts";
import type { Work, WorkTally } from "./work.ts";

/** What a run came to. */
export interface RunTally {
  readonly work: WorkTally;
  readonly pools: readonly PoolTally[];
  /** Mutating calls that the cloud took, and that it refused. */
  readonly calls: number;
  readonly throttled: number;
}

/** One pool and what its zone has to give. */
interface Place {
  readonly pool: CloudPool;
  readonly capacity: (now: Seconds) => number;
  readonly launch: Launch;
}

/** Streams of random numbers that do not depend on one another: demand is the same whatever the controller does. */
const streams = (seed: number) => ({
  demand: createRandom(seed * 4 + 1),
  boots: createRandom(seed * 4 + 2),
  samples: createRandom(seed * 4 + 3),
});

function workOf({ demand, length, maxWait }: WorldOptions, random: Random): Work {
  return demand.kind === "service"
    ? createService(demand, length, maxWait, random)
    : createJobs(demand, length, maxWait);
}

function initialNodes({ name }: WorldPool, controller: Controller): Node[] {
  return Array.from({ length: controller.initial[name] ?? 0 }, (_, i) => readyNode(`${name}-first-${i}`));
}

function placesOf(options: WorldOptions, controller: Controller, work: Work, boots: Random): readonly Place[] {
  const { boot, spot, onDemandCap } = options;
  let launched = 0;
  const places: Place[] = [];
  const onDemandLeft = (): number => {
    if (onDemandCap === null) return Number.POSITIVE_INFINITY;
    const held = places.reduce((sum, p) => (p.pool.pool.market === "on-demand" ? sum + p.pool.holding : sum), 0);
    return onDemandCap - held;
  };
  const bootTime = (): Seconds => Math.min(boot.max, Math.max(boot.min, logNormal(boots, boot.median, boot.sigma)));
  for (const pool of options.pools) {
    const trace = pool.zone === null ? undefined : spot[pool.zone];
    if (pool.market === "spot" && trace === undefined) {
      throw new RangeError(`pool ${pool.name} is spot in zone ${pool.zone}, and the spot trace has no such zone`);
    }
    const cloud = new CloudPool(pool, work, initialNodes(pool, controller));
    const capacity = trace === undefined ? () => Number.POSITIVE_INFINITY : capacityReader(trace);
    const launch: Launch = (now) => {
      const left = pool.market === "spot" ? capacity(now) - cloud.holding : onDemandLeft();
      launched += 1;
      return newNode(`${pool.name}-${launched}`, now, bootTime(), left <= 0);
    };
    places.push({ pool: cloud, capacity, launch });
  }
  return places;
}

/** What the controller is to be woken by at this step; null when by nothing. */
function causeOf(controller: Controller, due: boolean, noticed: boolean, refused: boolean): Cause | null {
  if (controller.wokenByEvents && noticed) return "interruption";
  if (controller.wokenByEvents && refused) return "capacityError";
  return due ? "tick" : null;
}

/** Nodes that may work now: ready, with a pod, not about to die. Jobs are not begun on a node under notice. */
function servingNodes(places: readonly Place[], options: WorldOptions, pods: ReadonlySet<string> | null, now: Seconds) {
  const ends = options.demand.kind === "service" ? Math.min(SERVING_ENDS, options.notice) : Number.POSITIVE_INFINITY;
  const serving = places.flatMap(({ pool }) => pool.serving(now, ends));
  return pods === null ? serving : serving.filter((node) => pods.has(node.id));
}

/** Lets a controller run a world from beginning to end. Deterministic: the same options and controller, the same tally. */
export function runWorld(options: WorldOptions, controller: Controller): RunTally {
  const random = streams(options.seed);
  const work = workOf(options, random.demand);
  const places = placesOf(options, controller, work, random.boots);
  const pools = places.map((place) => place.pool);
  const sampler = createSampler(work, options.missingSamples, random.samples);
  const calls: Calls = createCalls(options.calls);
  let pods: ReadonlySet<string> | null = null;
  let nextWake: Seconds = 0;
  let now: Seconds = 0;
  for (; now < options.length || (now < options.length + TAIL && !work.done()); now += STEP) {
    let [noticed, refused] = [false, false];
    for (const { pool, capacity } of places) {
      const events = pool.advance(now, capacity(now), options.notice);
      noticed ||= events.noticed;
      refused ||= events.refused;
    }
    const sampled = sampler.look(now);
    const due = now >= nextWake;
    while (nextWake <= now) nextWake += controller.every;
    const sight = (cause: Cause): Sight => ({
      now,
      cause,
      samples: sampler.seen,
      live: sampler.live(now),
      pools: pools.map((p) => p.sight(now)),
    });
    const alerted = sampled && controller.alert?.(sight("alert")) === true;
    const cause = causeOf(controller, due, noticed, refused) ?? (alerted ? "alert" : null);
    if (cause !== null) {
      const answer = controller.act(sight(cause));
      const accepted = calls.make(answer, pools, now);
      if (accepted.length > 0) controller.accepted?.(accepted, now);
      pods = answer.serving ?? null;
    }
    for (const { pool, launch } of places) pool.ask(now, launch);
    work.step(now, servingNodes(places, options, pods, now));
  }
  return {
    work: work.tally(),
    pools: pools.map((pool) => pool.tally(now)),
    calls: calls.made(),
    throttled: calls.throttled(),
  };
}
