import { z } from "zod";
import { behavior } from "./behavior.ts";
import { condition, duration, exactlyOne, identifier, label, nodeCount, oneOfKeys, quantity } from "./common.ts";
import { pool } from "./pools.ts";
import { schedule } from "./schedules.ts";

const sharing = z.union([
  z.strictObject({ timeSlicing: z.int().min(2).max(64) }),
  z.strictObject({
    mig: z.record(z.string().regex(/^\d+g\.\d+gb$/, "expected a MIG profile, such as 1g.5gb"), z.int().min(1).max(8)),
  }),
  z.strictObject({ mps: z.int().min(2).max(64) }),
]);

const gpu = z.strictObject({
  model: z.string().min(1).max(63),
  perNode: z.int().min(1).max(64).meta({ description: "Physical GPUs in one node" }),
  memory: quantity.optional().meta({ description: "VRAM of one physical GPU" }),
  sharing: sharing.optional(),
  allocatable: identifier
    .optional()
    .meta({ description: "Signal: GPUs that the workload's nodes offer to pods (logical GPUs, summed)" }),
});
export type Gpu = Readonly<z.output<typeof gpu>>;

const conditions = z.array(condition).min(1).max(20);
const ruleShape = { any: conditions.optional(), all: conditions.optional() };
const step = z.int().min(1).max(1000);

const scaleUp = z
  .strictObject({ ...ruleShape, add: step.meta({ description: "Nodes to add" }) })
  .check(exactlyOne("any", "all"))
  .meta(oneOfKeys("any", "all"))
  .transform((r) => ({
    match: r.any ? ("any" as const) : ("all" as const),
    conditions: r.any ?? r.all ?? [],
    nodes: r.add,
  }));
const scaleDown = z
  .strictObject({ ...ruleShape, remove: step.meta({ description: "Nodes to remove" }) })
  .check(exactlyOne("any", "all"))
  .meta(oneOfKeys("any", "all"))
  .transform((r) => ({
    match: r.any ? ("any" as const) : ("all" as const),
    conditions: r.any ?? r.all ?? [],
    nodes: r.remove,
  }));
/** Either direction's rule, parsed: conditions joined by `match`, and how many nodes one firing adds or removes. */
export type Rule = Readonly<z.output<typeof scaleUp>>;

export const BLOCKABLE = ["scaleUp", "scaleDown", "scaleToZero", "packing", "capacitySwitch"] as const;
export type Blockable = (typeof BLOCKABLE)[number];
const guard = z.strictObject({ name: label, when: condition, blocks: z.array(z.enum(BLOCKABLE)).min(1) });
export type Guard = Readonly<z.output<typeof guard>>;

const target = z
  .strictObject({
    signal: identifier,
    perNode: z.number().positive().optional().meta({ description: "HPA AverageValue: total divided by nodes" }),
    average: z.number().positive().optional().meta({ description: "HPA average or utilisation over nodes" }),
    total: z.number().positive().optional().meta({ description: "HPA Value: total scaled by ready nodes" }),
  })
  .check(exactlyOne("perNode", "average", "total"))
  .meta(oneOfKeys("perNode", "average", "total"));
export type Target = Readonly<z.output<typeof target>>;

const objective = z.strictObject({
  arrivals: identifier.meta({ description: "Signal: requests (or jobs) per second" }),
  backlog: identifier.meta({ description: "Signal: requests (or jobs) waiting" }),
  inService: identifier.optional().meta({ description: "Signal: being served now" }),
  perNode: z
    .number()
    .positive()
    .optional()
    .meta({ description: "Requests per second one ready node serves; learned when absent" }),
  maxWait: duration,
  attainment: z.number().gt(0).lt(1).default(0.99),
});
export type Objective = Readonly<z.output<typeof objective>>;

const model = z.strictObject({ name: z.string().min(1).max(128), memory: quantity });
export type Model = Readonly<z.output<typeof model>>;

const spot = z.strictObject({
  onDemandBase: nodeCount.default(0),
  // 8m: below Cluster Autoscaler's 15m max-node-provision-time, above a slow GPU boot's launch phase.
  fallbackAfter: duration.prefault("8m"),
  // 5m to 30m: Cluster Autoscaler's node-group backoff.
  backoff: z.strictObject({ initial: duration.prefault("5m"), max: duration.prefault("30m") }).prefault({}),
  returnAfter: duration.prefault("30m"),
});

const scaleIn = z.strictObject({
  interruptible: z.boolean().default(false).meta({ description: "Busy nodes may be stopped" }),
  busy: identifier.optional().meta({ description: "Per-node signal: above zero while the node works" }),
  maxWait: duration.prefault("2h"),
  // biome-ignore lint/suspicious/noThenProperty: the policy format's own word.
  then: z.enum(["notify", "force"]).default("notify"),
});

const costPer = z.strictObject({ name: z.string().min(1).max(63), ratePerHour: identifier });

export const workload = z.strictObject({
  mode: z.enum(["enforce", "observe"]).optional().meta({ description: "The policy's own when absent" }),
  gpu,
  nodes: z.strictObject({ min: nodeCount, max: nodeCount }),
  pools: z.array(pool).min(1).max(50).meta({ description: "In order of preference" }),
  spot: spot.prefault({}),
  alerts: z
    .array(z.string().min(1).max(200))
    .max(100)
    .default([])
    .meta({ description: "Alert names that wake this workload" }),
  scaleUp: scaleUp.optional(),
  scaleDown: scaleDown.optional(),
  targets: z.array(target).max(20).default([]),
  objective: objective.optional(),
  models: z.array(model).max(100).default([]),
  guards: z.array(guard).max(20).default([]),
  behavior: behavior.optional(),
  schedules: z.array(schedule).max(50).default([]),
  scaleIn: scaleIn.prefault({}),
  // 15m: Cluster Autoscaler's max-node-provision-time.
  provisionTimeout: duration.prefault("15m"),
  respectExternalFor: duration.prefault("30m"),
  costPer: costPer.optional(),
});
export type Workload = Readonly<z.output<typeof workload>>;
