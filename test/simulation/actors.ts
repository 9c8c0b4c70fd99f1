import type { Seconds } from "../../shared/policy/units.ts";
import { alertOf, changed, LONG_QUEUE, policyOf } from "./blueprint.ts";
import type { Functions } from "./functions.ts";
import { SCRAPE } from "./metrics.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

const MINUTE: Seconds = 60;

/** Everybody who does something in the world without being asked by vramp, on their own clocks, until the end of the run. */
export function startActors(world: World, functions: Functions): void {
  every(world, SCRAPE, 0, () => {
    world.scrape();
    alertmanager(world, functions);
  });
  every(world, MINUTE, 50, () => schedule(world, functions));
  every(world, MINUTE, 25, () => {
    const { swarm, random, scheduler } = world;
    if (swarm.strikes("secondController")) secondController(world, functions);
    if (swarm.strikes("spotStorm")) spotStorm(world, random);
    if (swarm.strikes("stockOut")) stockOut(world, random);
    if (swarm.strikes("outsider")) outsider(world, random);
    if (swarm.strikes("policyChange")) policyChange(world, random);
    // Often at about the time of a look, where words and looks get in each other's way.
    const moment = random.chance(0.5) ? random.between(23, 29) : random.between(0, MINUTE);
    if (swarm.strikes("operator")) scheduler.after(moment, () => operator(world, functions, random));
  });
  world.scheduler.after(world.calmAt - world.scheduler.now, () => {
    world.note("the faults end");
    world.swarm.calm();
    for (const pool of world.pools.values()) pool.machines.stock = Number.POSITIVE_INFINITY;
  });
}

function every(world: World, period: Seconds, first: Seconds, work: () => void): void {
  const again = (): void => {
    work();
    world.scheduler.after(period, again);
  };
  world.scheduler.after(first, again);
}

/** EventBridge Scheduler: at least once, now and then late or not at all. */
function schedule({ swarm, scheduler, random }: World, functions: Functions): void {
  if (swarm.strikes("dropMessage")) return;
  scheduler.after(swarm.strikes("delayMessage") ? random.between(1, MINUTE) : 0, () => functions.tick());
  if (swarm.strikes("duplicateMessage")) scheduler.after(random.between(0, 20), () => functions.tick());
}

/** Seconds after which Alertmanager tells again of an alert that still fires. */
const REPEAT: Seconds = 120;
/** Tries of one notification, each after a 503. */
const TRIES = 4;

/** Fires while a workload's queue is long, tells of it at once and then now and again, and tries again after a 5xx. */
function alertmanager(world: World, functions: Functions): void {
  const { scheduler, swarm, random } = world;
  for (const { id } of world.policy.plan.workloads) {
    const [at, queue] = world.metrics.series(id, "Queue").at(-1) ?? [0, 0];
    const long = at === scheduler.now && queue > LONG_QUEUE;
    const due = Math.floor(scheduler.now / SCRAPE) % (REPEAT / SCRAPE) === 0;
    if (!long || !due) continue;
    const body = notificationOf(id, scheduler.now);
    const post = (tries: number): void => {
      if (swarm.strikes("dropMessage")) return;
      functions.alert(body, (status) => {
        if (status === 202) world.tell({ kind: "alerted", workload: id });
        if (status === 503 && tries < TRIES) scheduler.after(0.5 * 2 ** tries, () => post(tries + 1));
      });
    };
    post(1);
    // The other one of a pair, which does not know that the first has told already.
    if (swarm.strikes("duplicateMessage")) scheduler.after(random.between(0, 15), () => post(1));
  }
}

const notificationOf = (workload: string, now: number): string =>
  JSON.stringify({
    version: "4",
    receiver: "vramp",
    groupKey: `{}:{alertname="${alertOf(workload)}"}`,
    status: "firing",
    alerts: [
      {
        status: "firing",
        labels: { alertname: alertOf(workload), nodes: "64", size: "9999" },
        annotations: {},
        startsAt: new Date(Math.floor(now / 600) * 600_000).toISOString(),
        endsAt: "0001-01-01T00:00:00Z",
        fingerprint: workload,
      },
    ],
  });

function secondController(world: World, functions: Functions): void {
  // At about the time at which the tick's own look is on its way.
  world.scheduler.after(world.random.between(23, 30), () => {
    const at = world.scheduler.now;
    world.note("a second controller looks at everything");
    for (const { id } of world.policy.plan.workloads)
      functions.reconcileAside([{ workload: id, trigger: "tick", cause: "aside", at, key: `aside|${world.next()}` }]);
  });
}

function spotStorm(world: World, random: Random): void {
  const share = random.between(0.3, 1);
  world.note(`a spot storm takes ${(share * 100).toFixed(0)} % of the spot nodes`);
  for (const pool of world.pools.values()) if (pool.plan.spot) pool.reclaim(share, world.scheduler.now);
}

function stockOut(world: World, random: Random): void {
  const { machines, plan } = random.pick([...world.pools.values()]);
  machines.stock = Math.min(machines.count, random.whole(0, 1));
  world.note(`the cloud has no more than ${machines.stock} nodes for ${plan.name}`);
  world.scheduler.after(random.between(60, 600), () => {
    machines.stock = Number.POSITIVE_INFINITY;
  });
}

/** Terraform, or a person at the cloud's console. */
function outsider(world: World, random: Random): void {
  const pool = random.pick([...world.pools.values()]);
  const nodes = random.whole(0, Math.min(pool.plan.max, 4));
  if (pool.setByOutsider(nodes, world.scheduler.now))
    world.note(`somebody else sets ${pool.plan.name} to ${nodes} nodes`);
}

/** A deployment. Runs that began before go on with the policy they began with. */
function policyChange(world: World, random: Random): void {
  world.policy = policyOf(changed(world.policy.plan, world.original, random));
  world.policySince = world.scheduler.now;
  const bounds = world.policy.plan.workloads.map((w) => `${w.id} ${w.min} to ${w.max} in ${w.pools.length} pools`);
  world.note(`a new policy: ${bounds.join(", ")}`);
}

/** Somebody holds, wakes, pauses or resumes, and asks again when no answer came. */
function operator(world: World, functions: Functions, random: Random): void {
  const { scheduler } = world;
  const { id: workload, max } = random.pick(world.policy.plan.workloads);
  const by = { workload, reason: "simulated", actor: "operator", requestId: `request-${world.next()}` };
  const lasting = { ...by, for: `${random.whole(2, 9)}m` };
  const direction = random.pick(["in", "out", "both"] as const);
  const request = random.pick([
    { action: "hold", nodes: random.whole(0, max), ...lasting },
    { action: "wake", nodes: random.whole(1, max), ...lasting },
    { action: "pause", direction, ...lasting },
    { action: "pause", direction: "in", ...lasting },
    { action: "resume", ...by },
    { action: random.pick(["plan", "explain", "status"] as const), workload },
  ]);
  const ask = (tries: number): void =>
    functions.invoke(request, (reply) => {
      if (reply === null || reply.error?.code === "Unavailable") {
        if (tries < 3) scheduler.after(2, () => ask(tries + 1));
        return;
      }
      world.note(`an operator is told: ${reply.summary}`);
    });
  ask(1);
}
