import * as z from "zod/mini";

/** What is read of Google's replies. What vramp cannot do without is required here; the SDK fills in proto3's defaults. */

const size = z.int().check(z.minimum(0));
const filled = z.string().check(z.minLength(1));
const text = z._default(z.string(), "");
const flag = z._default(z.boolean(), false);
const limit = z._default(size, 0);
/** An absent list is an empty one. */
const list = <S extends z.ZodMiniType>(element: S) => z._default(z.array(element), []);

const locations = list(filled);

const autoscaling = z.object({
  enabled: flag,
  minNodeCount: limit,
  maxNodeCount: limit,
  totalMinNodeCount: limit,
  totalMaxNodeCount: limit,
  locationPolicy: z._default(z.string(), "LOCATION_POLICY_UNSPECIFIED"),
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
  instanceGroupUrls: list(z.string()),
  autoscaling: z.pipe(
    z.nullish(autoscaling),
    z.transform((given) => given ?? null),
  ),
  config: z.nullish(z.object({ spot: flag, preemptible: flag })),
  conditions: list(z.object({ code: text, canonicalCode: z._default(z.string(), "OK"), message: text })),
});
export type GkeNodePool = z.output<typeof nodePoolReply>;

export const clusterReply = z.object({ locations });

export const operationReply = z.object({
  name: filled,
  status: z.enum(["STATUS_UNSPECIFIED", "PENDING", "RUNNING", "DONE", "ABORTING"]),
  operationType: text,
  targetLink: text,
  startTime: text,
  statusMessage: text,
  error: z.pipe(
    z.nullish(z.object({ code: z._default(z.number(), 0), message: text })),
    // A status that says OK is none.
    z.transform((error) => (error === null || error === undefined || error.code === 0 ? null : error)),
  ),
});
export type GkeOperation = z.output<typeof operationReply>;

export const operationsReply = z.object({ operations: list(operationReply) });

export const groupReply = z.object({ name: z.string(), baseInstanceName: filled, targetSize: size });

const errorItem = z.object({ code: text, message: text });

export const instancesReply = z.object({
  managedInstances: list(
    z.object({
      instance: text,
      instanceStatus: text,
      currentAction: z._default(z.string(), "NONE"),
      lastAttempt: z.pipe(
        z.optional(z.object({ errors: z.optional(z.object({ errors: list(errorItem) })) })),
        z.transform((attempt) => attempt?.errors?.errors ?? []),
      ),
    }),
  ),
  nextPageToken: z.optional(z.string()),
});
export type ManagedInstance = z.output<typeof instancesReply>["managedInstances"][number];

export const errorsReply = z.object({
  items: list(
    z.object({
      error: errorItem,
      timestamp: z.pipe(
        z.iso.datetime({ offset: true }),
        z.transform((at) => Date.parse(at) / 1000),
      ),
    }),
  ),
});

/** The operation that a change of Compute Engine's begins; whether it did its work is read from the group. */
export const computeOperationReply = z.object({ name: filled });
