import { z } from "zod";
import { duration, label, nodeCount } from "../../shared/policy/schema/common.ts";

const text = z.string().trim().min(1).max(256);
const requestId = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,128}$/, "use up to 128 letters, digits and . _ : -")
  .optional();
/** Whom the audit names. The function cannot know its caller, so the CLI fills it in. */
const actor = text.default("unnamed");
const lasting = { for: duration, reason: text, actor, requestId };

/** What `invoke` takes, one shape an action. */
export const request = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("plan"), workload: label.optional() }),
  z.strictObject({ action: z.literal("explain"), workload: label }),
  z.strictObject({ action: z.literal("status"), workload: label.optional() }),
  z.strictObject({ action: z.literal("reconcile"), workload: label, requestId, actor }),
  z.strictObject({ action: z.literal("hold"), workload: label, nodes: nodeCount.optional(), ...lasting }),
  z.strictObject({ action: z.literal("wake"), workload: label, nodes: nodeCount.min(1).default(1), ...lasting }),
  z.strictObject({
    action: z.literal("pause"),
    workload: label,
    direction: z.enum(["in", "out", "both"]).default("both"),
    ...lasting,
  }),
  z.strictObject({ action: z.literal("resume"), workload: label, reason: text, actor, requestId }),
]);

export type InvokeRequest = z.output<typeof request>;
export type RequestOf<A extends InvokeRequest["action"]> = Extract<InvokeRequest, { action: A }>;
