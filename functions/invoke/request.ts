import * as z from "zod/mini";
import { duration, label, nodeCount } from "../../shared/policy/border.ts";

const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(256));
const requestId = z.optional(
  z.string().check(z.regex(/^[A-Za-z0-9._:-]{1,128}$/, "use up to 128 letters, digits and . _ : -")),
);
/** Whom the audit names. The function cannot know its caller, so the CLI fills it in. */
const actor = z._default(text, "unnamed");
const lasting = { for: duration, reason: text, actor, requestId };

/** Audit events in one reply: half a megabyte or so, where Lambda takes six. */
const MOST_EVENTS = 500;

/** What `invoke` takes, one shape an action. */
export const request = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("plan"), workload: z.optional(label) }),
  z.strictObject({ action: z.literal("explain"), workload: label }),
  z.strictObject({ action: z.literal("status"), workload: z.optional(label) }),
  z.strictObject({
    action: z.literal("audit"),
    workload: label,
    last: z._default(z.int().check(z.minimum(1), z.maximum(MOST_EVENTS)), 50),
  }),
  z.strictObject({ action: z.literal("reconcile"), workload: label, requestId, actor }),
  z.strictObject({ action: z.literal("hold"), workload: label, nodes: z.optional(nodeCount), ...lasting }),
  z.strictObject({
    action: z.literal("wake"),
    workload: label,
    nodes: z._default(nodeCount.check(z.minimum(1)), 1),
    ...lasting,
  }),
  z.strictObject({
    action: z.literal("pause"),
    workload: label,
    direction: z._default(z.enum(["in", "out", "both"]), "both"),
    ...lasting,
  }),
  z.strictObject({ action: z.literal("resume"), workload: label, reason: text, actor, requestId }),
]);

export type InvokeRequest = z.output<typeof request>;
export type RequestOf<A extends InvokeRequest["action"]> = Extract<InvokeRequest, { action: A }>;
