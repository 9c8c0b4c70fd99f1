import { z } from "zod";

/** What is read of Google's replies. What vramp cannot do without is required here; the SDK fills in proto3's defaults. */

const size = z.int().min(0);
const text = z.string().default("");

const locations = z.array(z.string().min(1)).default([]);

const autoscaling = z.object({
  enabled: z.boolean().default(false),
  minNodeCount: size.default(0),
  maxNodeCount: size.default(0),
  totalMinNodeCount: size.default(0),
  totalMaxNodeCount: size.default(0),
  locationPolicy: z.string().default("LOCATION_POLICY_UNSPECIFIED"),
});
export type Autoscaling = Readonly<z.output<typeof autoscaling>>;

/** A getNodePool reply, and what is read of it. */
export const nodePoolReply = z.object({
  status: z.enum([
    "STATUS_UNSPECIFIED",
    "PROVISIONING",
    "RUNNING",
    "RUNNING_WITH_ERROR",
    "RECONCILING",
    "STOPPING",
    "ERROR",
  ]),
  statusMessage: text,
  locations,
  instanceGroupUrls: z.array(z.string()).default([]),
  autoscaling: autoscaling.nullish().transform((given) => given ?? null),
  config: z.object({ spot: z.boolean().default(false), preemptible: z.boolean().default(false) }).nullish(),
  conditions: z.array(z.object({ code: text, canonicalCode: z.string().default("OK"), message: text })).default([]),
});
export type GkeNodePool = z.output<typeof nodePoolReply>;

export const clusterReply = z.object({ locations });

export const operationReply = z.object({
  name: z.string().min(1),
  status: z.enum(["STATUS_UNSPECIFIED", "PENDING", "RUNNING", "DONE", "ABORTING"]),
  operationType: text,
  targetLink: text,
  startTime: text,
  statusMessage: text,
  error: z
    .object({ code: z.number().default(0), message: text })
    .nullish()
    // A status that says OK is none.
    .transform((error) => (error === null || error === undefined || error.code === 0 ? null : error)),
});
export type GkeOperation = z.output<typeof operationReply>;

export const operationsReply = z.object({ operations: z.array(operationReply).default([]) });

export const groupReply = z.object({ name: z.string(), baseInstanceName: z.string().min(1), targetSize: size });

const errorItem = z.object({ code: text, message: text });

export const instancesReply = z.object({
  managedInstances: z
    .array(
      z.object({
        instance: text,
        instanceStatus: text,
        currentAction: z.string().default("NONE"),
        lastAttempt: z
          .object({ errors: z.object({ errors: z.array(errorItem).default([]) }).optional() })
          .optional()
          .transform((attempt) => attempt?.errors?.errors ?? []),
      }),
    )
    .default([]),
  nextPageToken: z.string().optional(),
});
export type ManagedInstance = z.output<typeof instancesReply>["managedInstances"][number];

export const errorsReply = z.object({
  items: z
    .array(
      z.object({
        error: errorItem,
        timestamp: z.iso.datetime({ offset: true }).transform((at) => Date.parse(at) / 1000),
      }),
    )
    .default([]),
});

/** The operation that a change of Compute Engine's begins; whether it did its work is read from the group. */
export const computeOperationReply = z.object({ name: z.string().min(1) });
