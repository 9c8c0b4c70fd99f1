import { z } from "zod";

/** One HPA rate policy. Limits are those of autoscaling/v2 validation. */
const ratePolicy = z
  .strictObject({
    type: z.enum(["Nodes", "Pods", "Percent"]).meta({ description: "Pods is accepted for Nodes" }),
    value: z.int().min(1).max(1_000_000),
    periodSeconds: z.int().min(1).max(1800),
  })
  .transform((p) => ({ ...p, type: p.type === "Percent" ? ("Percent" as const) : ("Nodes" as const) }));
export type RatePolicy = Readonly<z.output<typeof ratePolicy>>;

const scalingRules = z.strictObject({
  stabilizationWindowSeconds: z.int().min(0).max(3600).optional(),
  selectPolicy: z.enum(["Max", "Min", "Disabled"]).optional(),
  policies: z.array(ratePolicy).min(1).max(20).optional(),
  tolerance: z.number().nonnegative().optional(),
});
export type ScalingRulesInput = Readonly<z.output<typeof scalingRules>>;

/** The shape of HPA v2 `behavior`. Each field left out takes the HPA default on its own. */
export const behavior = z.strictObject({ scaleUp: scalingRules.optional(), scaleDown: scalingRules.optional() });
export type BehaviorInput = Readonly<z.output<typeof behavior>>;
