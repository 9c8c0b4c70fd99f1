import fc from "fast-check";
import { type Policy, type PolicyInput, policy as schema } from "../../shared/policy/schema/policy.ts";

/*
 * Any policy that passes the schema. Names that every object inherits are among the names, for a lookup that finds those
 * would take a function for a reading.
 */

export const SIGNALS = ["queue", "util", "free", "constructor", "valueOf"] as const;
export const POOLS = ["llm", "spot", "constructor"] as const;

type WorkloadInput = PolicyInput["workloads"][string];
type ConditionInput = NonNullable<NonNullable<WorkloadInput["scaleUp"]>["any"]>[number];

/** Leaves a key out where its value is undefined, as a policy's author would. */
const sparse = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

export const signalName = fc.constantFrom(...SIGNALS);
const window = fc.constantFrom("0s", "30s", "2m", "15m");
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const threshold = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 150 }) },
  { weight: 1, arbitrary: finite },
);
export const nodes = fc.integer({ min: 0, max: 12 });

const conditionOn = (signal: fc.Arbitrary<string>, comparison: fc.Arbitrary<"above" | "below">) =>
  fc
    .tuple(signal, comparison, threshold, maybe(window))
    .map(([name, which, at, lasting]): ConditionInput => sparse({ signal: name, [which]: at, for: lasting }) as never);
const condition = conditionOn(signalName, fc.constantFrom("above", "below"));

const rule = (conditions: fc.Arbitrary<ConditionInput>) =>
  fc.record({
    match: fc.constantFrom("any" as const, "all" as const),
    conditions: fc.array(conditions, { minLength: 1, maxLength: 3 }),
    nodes: fc.integer({ min: 1, max: 5 }),
  });

const target = fc
  .tuple(signalName, fc.constantFrom("perNode", "average", "total"), fc.oneof(fc.integer({ min: 1, max: 99 }), finite))
  .map(([signal, kind, wanted]) => ({ signal, [kind]: Math.abs(wanted) || 1 }));

const objective = fc
  .record({
    arrivals: signalName,
    backlog: signalName,
    inService: maybe(signalName),
    perNode: maybe(
      fc.oneof(
        fc.integer({ min: 1, max: 99 }),
        finite.map((n) => Math.abs(n) || 1),
      ),
    ),
    maxWait: fc.constantFrom("0s", "60s", "5m"),
    attainment: maybe(fc.constantFrom(0.5, 0.99, 0.9999)),
  })
  .map(sparse) as fc.Arbitrary<NonNullable<WorkloadInput["objective"]>>;

const guardOn = (when: fc.Arbitrary<ConditionInput>) =>
  fc.record({
    name: fc.constantFrom("vram-headroom", "training"),
    when,
    blocks: fc.uniqueArray(fc.constantFrom("scaleUp", "scaleDown", "scaleToZero", "packing", "capacitySwitch"), {
      minLength: 1,
    }) as fc.Arbitrary<("scaleUp" | "scaleDown" | "scaleToZero")[]>,
  });

const scalingRules = fc
  .record({
    stabilizationWindowSeconds: maybe(fc.integer({ min: 0, max: 3600 })),
    selectPolicy: maybe(fc.constantFrom("Max", "Min", "Disabled")),
    policies: maybe(
      fc.array(
        fc.record({
          type: fc.constantFrom("Nodes", "Pods", "Percent"),
          value: fc.integer({ min: 1, max: 300 }),
          periodSeconds: fc.integer({ min: 1, max: 1800 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    ),
    tolerance: maybe(fc.double({ min: 0, max: 3, noNaN: true })),
  })
  .map(sparse) as fc.Arbitrary<NonNullable<NonNullable<WorkloadInput["behavior"]>["scaleUp"]>>;

const cron = fc.constantFrom("0 9 * * 1-5", "0 22 * * *", "*/30 * * * *", "0 12 * * *", "59 11 * * *", "0 3 1 1 *");
const scheduleOf = (wakeOn: fc.Arbitrary<ConditionInput>) =>
  fc
    .record({
      name: fc.constantFrom("office", "night", "peak"),
      start: cron,
      end: cron,
      timeZone: maybe(fc.constantFrom("UTC", "Europe/Berlin", "America/New_York")),
      nodes: fc.oneof(
        nodes.map((exactly) => ({ exactly })),
        nodes.map((min) => ({ min })),
        nodes.map((max) => ({ max })),
        fc.constant({ exactly: 0 }),
      ),
      lead: maybe(fc.constantFrom("15m", "2h")),
      wakeOn: maybe(fc.array(wakeOn, { minLength: 1, maxLength: 2 })),
    })
    .map(sparse) as fc.Arbitrary<NonNullable<WorkloadInput["schedules"]>[number]>;

const signal = fc
  .record({
    source: fc.constant("prom"),
    query: fc.constant("up"),
    maxAge: fc.constantFrom("15s", "90s", "10m"),
    whenEmpty: fc.constantFrom("absent" as const, "zero" as const, "unknown" as const),
    unit: maybe(fc.constantFrom("ratio" as const, "percent" as const)),
    per: maybe(fc.constant("node" as const)),
  })
  .map((s) => ({ ...s, unit: s.per === undefined ? s.unit : undefined }))
  .map(sparse) as fc.Arbitrary<NonNullable<PolicyInput["signals"]>[string]>;

const PLAIN = { source: "prom", query: "up", maxAge: "90s" };

export interface Shape {
  /** What each rule compares, and the guards. */
  readonly up?: fc.Arbitrary<ConditionInput>;
  readonly down?: fc.Arbitrary<ConditionInput>;
  readonly guard?: fc.Arbitrary<ConditionInput>;
  readonly wake?: fc.Arbitrary<ConditionInput>;
  /** A signal that is one number of any size. */
  readonly plain?: string;
}

/** Conditions that a higher value of any signal can only bring nearer to more nodes, and guards that do not look at `queue`. */
export const MONOTONE: Shape = {
  up: conditionOn(signalName, fc.constant("above")),
  down: conditionOn(signalName, fc.constant("below")),
  guard: conditionOn(fc.constantFrom("util", "free"), fc.constantFrom("above", "below")),
  wake: conditionOn(signalName, fc.constant("above")),
  plain: "queue",
};

/** Any policy of one workload, `llm`, that passes the schema. */
export function anyPolicy(shape: Shape = {}): fc.Arbitrary<Policy> {
  const { up = condition, down = condition, guard = condition, wake = condition } = shape;
  const workload = fc.record({
    gpu: fc.record({ perNode: fc.integer({ min: 1, max: 8 }), allocatable: maybe(fc.constant("free")) }),
    nodes: fc.record({ min: nodes, max: nodes }),
    ordered: fc.boolean(),
    pools: fc.subarray([...POOLS], { minLength: 1 }),
    kinds: fc.array(fc.constantFrom("on-demand" as const, "spot" as const), {
      minLength: POOLS.length,
      maxLength: POOLS.length,
    }),
    prices: fc.array(maybe(fc.constantFrom(0, 0.1, 12.3)), { minLength: POOLS.length, maxLength: POOLS.length }),
    scaleUp: maybe(rule(up)),
    scaleDown: maybe(rule(down)),
    targets: fc.array(target, { maxLength: 2 }),
    guards: fc.array(guardOn(guard), { maxLength: 2 }),
    // A trend that is higher everywhere may be flatter, so an objective is not monotone in its arrivals.
    objective: shape.plain === undefined ? maybe(objective) : fc.constant(undefined),
    models: fc.array(fc.constantFrom("1Gi", "30Gi", "39Gi"), { maxLength: 6 }),
    behavior: maybe(fc.record({ scaleUp: maybe(scalingRules), scaleDown: maybe(scalingRules) }).map(sparse)),
    schedules: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(scheduleOf(wake), { maxLength: 3 })),
    provisionTimeout: fc.constantFrom("1m", "15m"),
  });
  const budget = maybe(fc.record({ perHour: maybe(fc.nat(100)), perDay: maybe(fc.nat(500)) }).map(sparse));
  const signals = fc.array(signal, { minLength: SIGNALS.length, maxLength: SIGNALS.length });
  return fc.tuple(workload, signals, budget).map(([w, kinds, budgetOf]) => {
    const { min, max } = w.nodes;
    const input = {
      version: 1 as const,
      fleet: "any",
      budget: budgetOf,
      sources: { prom: { prometheus: { url: "http://127.0.0.1:9090" } } },
      signals: Object.fromEntries(
        SIGNALS.map((name, i) => [
          name,
          name === shape.plain ? { ...PLAIN, whenEmpty: kinds[i]?.whenEmpty } : kinds[i],
        ]),
      ),
      workloads: {
        llm: sparse({
          gpu: sparse({ model: "A100-40GB", memory: "40Gi", ...w.gpu }),
          // Rarely the wrong way round: the schema lets it pass, and a decision must still be one.
          nodes: w.ordered ? { min: Math.min(min, max), max: Math.max(min, max) } : w.nodes,
          pools: w.pools.map((name, i) =>
            sparse({
              name,
              capacity: w.kinds[i] ?? "on-demand",
              pricePerHour: w.prices[i],
              eks: { region: "eu-central-1", cluster: "prod", nodegroup: name },
            }),
          ),
          scaleUp: w.scaleUp && { [w.scaleUp.match]: w.scaleUp.conditions, add: w.scaleUp.nodes },
          scaleDown: w.scaleDown && { [w.scaleDown.match]: w.scaleDown.conditions, remove: w.scaleDown.nodes },
          targets: w.targets,
          objective: w.objective,
          guards: w.guards,
          models: w.models.map((memory, i) => ({ name: `m${i}`, memory })),
          behavior: w.behavior,
          schedules: w.schedules,
          provisionTimeout: w.provisionTimeout,
        }),
      },
    };
    return schema.parse(sparse(input));
  });
}
