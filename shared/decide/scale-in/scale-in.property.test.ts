import fc from "fast-check";
import { expect, test } from "vitest";
import { NOON, steady, unknown, workloadIn } from "../../../test/support/fleet.ts";
import { busyFleet, FORCING, type Given, readingsAt, stepOf } from "../../../test/support/shrinking.ts";
import { EMPTY_MEMORY } from "../../model/memory.ts";
import type { NodeState } from "../../model/pool.ts";
import { nodeReadingOf } from "../../model/reading.ts";
import type { SignalObservation } from "../../model/signal.ts";
import type { Policy } from "../../policy/schema/policy.ts";

/** Cases for each law; `RUNS=10000` looks harder. */
const RUNS = { numRuns: Number(process.env.RUNS ?? 300) };

const IDS = ["i-1", "i-2", "i-3", "i-4", "i-5", "i-6"] as const;
const anyNodes: fc.Arbitrary<readonly NodeState[]> = fc.uniqueArray(
  fc.record({ id: fc.constantFrom(...IDS), ready: fc.boolean(), noticed: fc.boolean() }),
  { selector: (n) => n.id, maxLength: IDS.length },
);
const reading = fc.constantFrom(0, 0, 0, 1, 2, 0.5, null, Number.NaN, -1, 2 ** 63);
const anyBusy: fc.Arbitrary<SignalObservation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.dictionary(fc.constantFrom(...IDS, "another"), reading).map((all) => readingsAt({ ...all })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "empty" as const }) },
  { weight: 1, arbitrary: fc.constant(unknown) },
  { weight: 1, arbitrary: fc.constant(steady(0, NOON)) },
);
/** Every kind of policy, made once: parsing one costs more than deciding by it. */
const POLICIES = [{ busy: "busy" }, FORCING, {}, { busy: "busy", interruptible: true }].flatMap((scaleIn) =>
  (["zero", "absent", "unknown"] as const).flatMap((whenEmpty) => [
    busyFleet({ scaleIn }, whenEmpty),
    busyFleet({ scaleIn, objective: { arrivals: "util", backlog: "queue", maxWait: "60s" } }, whenEmpty),
  ]),
);

type Case = Given & { readonly policy: Policy; readonly desired: number };

/** A pool that is to shrink, in a policy of any kind. Its nodes may be fewer than were asked for, more, or not known. */
const anyGiven: fc.Arbitrary<Case> = fc
  .record({
    policy: fc.constantFrom(...POLICIES),
    desired: fc.integer({ min: 1, max: 8 }),
    share: fc.nat(7),
    nodes: fc.option(anyNodes, { freq: 5 }),
    step: fc.constantFrom(1, 1, 3),
    ready: fc.nat(8),
    busy: anyBusy,
    queue: fc.constantFrom(steady(0, NOON), steady(0, NOON), steady(9, NOON), unknown),
    waited: fc.constantFrom(null, 0, 3599, 3600, 9000),
  })
  .map(({ policy, desired, share, nodes, step, ready, busy, queue, waited }) => ({
    policy,
    desired,
    asked: share % desired,
    nodes,
    state: nodes === null ? { step, ready } : { step },
    signals: { busy, queue },
    memory: { ...EMPTY_MEMORY, scaleIn: waited === null ? null : { since: NOON - waited } },
  }));

const forceIsDue = ({ policy, memory = EMPTY_MEMORY }: Case): boolean => {
  const { then, maxWait } = workloadIn(policy).scaleIn;
  return then === "force" && NOON - (memory.scaleIn?.since ?? NOON) >= maxWait;
};
const isIdle = ({ policy, signals = {} }: Case, id: string): boolean => {
  const [signal, observed] = [policy.signals.busy, signals.busy];
  if (signal === undefined || observed === undefined) return false;
  const said = nodeReadingOf(signal, observed, id, NOON);
  return said.kind === "known" && said.value === 0;
};
const made = (given: Given) => {
  const { draft, reason, detail } = stepOf(given);
  return { to: draft.pools.llm ?? Number.NaN, remove: draft.remove.llm ?? [], want: draft.want, reason, detail };
};

function forAll(law: (given: Case, step: ReturnType<typeof made>) => void): void {
  fc.assert(
    fc.property(anyGiven, (given) => law(given, made(given))),
    RUNS,
  );
}

test("names only nodes that are there, each once, and never more than were to go", () => {
  forAll(({ nodes, desired, asked }, { to, remove, want }) => {
    const ids = new Set((nodes ?? []).map((n) => n.id));
    expect(remove.every((id) => ids.has(id))).toBe(true);
    expect(new Set(remove).size).toBe(remove.length);
    expect(to).toBeGreaterThanOrEqual(asked);
    expect(to).toBeLessThanOrEqual(desired - remove.length);
    expect(want).toBe(asked);
  });
});

test("never names a node that works, or may work, unless force is due, and never one under notice", () => {
  forAll((given, { remove }) => {
    for (const id of remove) {
      if (!forceIsDue(given)) expect(isIdle(given, id)).toBe(true);
      expect(given.nodes?.find((n) => n.id === id)?.noticed).toBe(false);
    }
  });
});

test("asks a pool whose nodes can be named for what it has, less those it names and those that never came", () => {
  forAll((given, { to, remove }) => {
    const { scaleIn } = workloadIn(given.policy);
    fc.pre(given.nodes !== null && given.state?.step === 1 && scaleIn.busy !== undefined && !scaleIn.interruptible);
    const unborn = Math.min(given.desired - given.asked, Math.max(0, given.desired - (given.nodes?.length ?? 0)));
    expect(to).toBe(given.desired - remove.length - unborn);
  });
});

test("takes nothing that is there on a signal that nobody can read, unless force is due", () => {
  forAll((given) => {
    const { interruptible, busy } = workloadIn(given.policy).scaleIn;
    fc.pre(!interruptible && busy !== undefined && !forceIsDue(given));
    const { to, remove } = made({ ...given, signals: { ...given.signals, busy: unknown } });
    expect(remove).toEqual([]);
    expect(to).toBeGreaterThanOrEqual(Math.min(given.desired, given.nodes?.length ?? given.state?.ready ?? 0));
  });
});

test("does not depend on the order in which nodes and readings are listed", () => {
  forAll((given, step) => {
    const turned = given.nodes?.toReversed() ?? null;
    expect(made({ ...given, nodes: turned })).toEqual(step);
  });
});

test("says of interruptible work what was asked, and nothing else", () => {
  forAll((given, { to, remove, reason }) => {
    fc.pre(workloadIn(given.policy).scaleIn.interruptible);
    expect({ to, remove, reason }).toEqual({ to: given.asked, remove: [], reason: "Unaffected" });
  });
});

test("keeps nothing back once force is due, but what goes by itself", () => {
  forAll((given, { to, reason }) => {
    fc.pre(forceIsDue(given));
    const leaves = (given.nodes ?? []).some((n) => n.noticed || !n.ready);
    if (!leaves && given.state?.step === 1) expect(to).toBe(given.asked);
    expect(["BusyNodes", "Interrupted", "OperationInProgress", "Unaffected"]).toContain(reason);
  });
});

test("a node that stops working only ever lets more go", () => {
  fc.assert(
    fc.property(anyGiven, fc.constantFrom(...IDS), (given, id) => {
      const busy = given.signals?.busy;
      fc.pre(busy?.kind === "perNode");
      const idle = readingsAt({ [id]: 0 });
      if (busy?.kind !== "perNode" || idle.kind !== "perNode") return;
      const calmer = {
        ...given,
        signals: { ...given.signals, busy: { ...busy, nodes: { ...busy.nodes, ...idle.nodes } } },
      };
      expect(made(calmer).to).toBeLessThanOrEqual(made(given).to);
    }),
    RUNS,
  );
});
