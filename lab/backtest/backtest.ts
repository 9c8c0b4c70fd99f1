import type { Decision } from "../../shared/model/decision.ts";
import type { EpochSeconds, Seconds } from "../../shared/policy/units.ts";
import { createPolicyController } from "../controllers/policy-controller.ts";
import { groupsOf, peersOf } from "../peers/index.ts";
import { createStatic } from "../peers/static.ts";
import { figuresOf } from "../world/figures.ts";
import type { WorldOptions } from "../world/options.ts";
import { runWorld } from "../world/world.ts";
import { type ActualSizes, actualRun } from "./actual.ts";
import type { Binding } from "./binding.ts";
import { boundOf } from "./bound.ts";
import { BacktestError } from "./errors.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { type Recorded, runRecorded } from "./recorder.ts";
import type { Scenario } from "./scenario.ts";

/** A decision that changed what the pools are asked for. */
export interface Change {
  readonly at: EpochSeconds;
  readonly from: number;
  readonly to: number;
  readonly pools: Readonly<Record<string, number>>;
  readonly reason: string;
  readonly detail: string;
}

/** A time in which requests (or jobs) waited too long, and what vramp had decided when it began. */
export interface WorstMoment {
  readonly at: EpochSeconds;
  readonly seconds: Seconds;
  readonly late: number;
  readonly longestWait: Seconds;
  /** Nodes that were ready, and that were wanted. */
  readonly ready: number;
  readonly want: number;
  readonly reason: string;
  readonly detail: string;
}

/** Everything that a backtest came to. */
export interface Backtest {
  readonly outcomes: readonly Outcome[];
  /** US dollars that nobody can be below. */
  readonly bound: number;
  readonly worst: readonly WorstMoment[];
  readonly changes: readonly Change[];
  /** Changes that are not listed, for there were too many. */
  readonly unlisted: number;
  readonly recorded: Recorded;
  readonly notes: readonly string[];
}

/** What is to be run beside the policy itself. */
export interface Wanted {
  readonly bindings: readonly Binding[];
  readonly peers: boolean;
  readonly actual: ActualSizes | null;
  /** Told what is being run. */
  readonly progress: (what: string) => void;
}

/** Worst moments that are shown. */
const MOST_WORST = 5;
/** Changes that are kept: ten a day for a year. */
const MOST_CHANGES = 4000;
/** More nodes than this are not tried as a static size. */
const MOST_STATIC = 10_000;

/** Notes decisions as they are made: those that ask for something new, and the one in force at any time. */
function createNotes() {
  const changes: Change[] = [];
  let unlisted = 0;
  let asked = "";
  let latest: Decision | null = null;
  return {
    changes,
    unlisted: () => unlisted,
    latest: () => latest,
    note: (decision: Decision) => {
      latest = decision;
      const { at, current, want, pools, reason, detail } = decision;
      const now = JSON.stringify(pools);
      if (now === asked) return;
      asked = now;
      if (changes.length >= MOST_CHANGES) unlisted += 1;
      else changes.push({ at, from: current, to: want, pools, reason, detail });
    },
  };
}

/** What vramp had decided when waits began to be too long, by when. */
type Explained = ReadonlyMap<Seconds, Decision>;

function worstOf({ waits }: Recorded, explained: Explained, start: EpochSeconds): readonly WorstMoment[] {
  return waits
    .breaches()
    .toSorted((a, b) => b.late - a.late || b.longest - a.longest)
    .slice(0, MOST_WORST)
    .map(({ from, length, late, longest }) => {
      const decision = explained.get(from);
      return {
        at: start + from,
        seconds: length,
        late,
        longestWait: longest,
        ready: decision?.ready ?? 0,
        want: decision?.want ?? 0,
        reason: decision?.reason ?? "Unaffected",
        detail: decision?.detail ?? "nothing was decided yet",
      };
    });
}

function runPolicy(scenario: Scenario, bindings: readonly Binding[]) {
  const notes = createNotes();
  const explained = new Map<Seconds, Decision>();
  const { policy, name, workload, start, initial, slots, world } = scenario;
  const controller = createPolicyController({
    policy,
    name,
    workload,
    bindings,
    start,
    initial,
    slots,
    decided: notes.note,
  });
  const recorded = runRecorded(world, controller, (at) => {
    const latest = notes.latest();
    if (latest !== null) explained.set(at, latest);
  });
  return { recorded, notes, worst: worstOf(recorded, explained, start) };
}

/** The smallest static size that keeps what is wanted, by bisection: more nodes never serve later. Null if none does. */
function smallestStatic(world: WorldOptions, pool: string, attainment: number): number | null {
  const holds = (nodes: number): boolean => {
    const { arrived, onTime, unserved } = figuresOf(runWorld(world, createStatic(pool, nodes)));
    return unserved === 0 && onTime >= attainment * arrived;
  };
  let [fails, passes] = [0, 1];
  while (!holds(passes)) {
    fails = passes;
    passes *= 2;
    if (passes > MOST_STATIC) return null;
  }
  while (passes - fails > 1) {
    const nodes = (fails + passes) >> 1;
    if (holds(nodes)) passes = nodes;
    else fails = nodes;
  }
  return passes;
}

/** Runs a policy and what it is held against through one world. Throws `BacktestError`. */
export function runBacktest(scenario: Scenario, { bindings, peers, actual, progress }: Wanted): Backtest {
  const { world, attainment, workload } = scenario;
  const { perNode: gpus } = workload.gpu;
  const outcome = (name: string, kind: Outcome["kind"], recorded: Recorded) =>
    outcomeOf(name, kind, recorded, attainment, gpus);
  const notes = [...scenario.notes];
  progress(`vramp, by the policy of ${scenario.name}`);
  const vramp = runPolicy(scenario, bindings);
  if (vramp.recorded.tally.work.arrived === 0)
    throw new BacktestError("nothing came in: the demand is zero in the part that is run; there is nothing to judge");
  const outcomes = [outcome("vramp", "vramp", vramp.recorded)];
  if (actual !== null) {
    progress("what actually ran");
    const { recorded, note } = actualRun(world, actual);
    notes.push(note);
    outcomes.push(outcome("actual", "actual", recorded));
  }
  const groups = groupsOf(world);
  if (groups === null)
    notes.push("the policy has no on-demand pool: static peak and peers, which need one, are left out");
  else {
    progress("static peak");
    const nodes = smallestStatic(world, groups.onDemand, attainment);
    if (nodes === null) notes.push("no static size keeps what is wanted: on-demand nodes are too few");
    else
      outcomes.push(
        outcome(`static, ${nodes} on-demand`, "static", runRecorded(world, createStatic(groups.onDemand, nodes))),
      );
    const initial = Object.values(scenario.initial)[0] ?? 0;
    for (const peer of peers ? peersOf(world, groups, initial, workload.nodes.max) : []) {
      progress(peer.name);
      outcomes.push(outcome(peer.name, "peer", runRecorded(world, peer.create())));
    }
  }
  return {
    outcomes,
    bound: boundOf(world, attainment),
    worst: vramp.worst,
    changes: vramp.notes.changes,
    unlisted: vramp.notes.unlisted(),
    recorded: vramp.recorded,
    notes,
  };
}
