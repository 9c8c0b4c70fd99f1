import * as z from "zod/mini";

/** What is read of Azure's replies. The SDK calls every field optional; what vramp cannot do without is required here. */

const size = z.int().check(z.minimum(0));

/** Azure nests causes: the outermost says that something failed, an inner one says why. */
interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: readonly Problem[];
}
const problem: z.ZodMiniType<Problem> = z.lazy(() =>
  z.object({
    code: z._default(z.string(), "Unknown"),
    message: z._default(z.string(), ""),
    details: z.pipe(
      z.nullish(z.array(problem)),
      z.transform((details) => details ?? []),
    ),
  }),
);

export const agentPoolReply = z.object({
  count: z.pipe(
    z.nullish(size),
    z.transform((count) => count ?? 0),
  ),
  provisioningState: z.string().check(z.minLength(1)),
  eTag: z.optional(z.string()),
  enableAutoScaling: z.nullish(z.boolean()),
  minCount: z.nullish(size),
  maxCount: z.nullish(size),
  mode: z.nullish(z.string()),
  typePropertiesType: z.nullish(z.string()),
  scaleSetEvictionPolicy: z.nullish(z.string()),
  powerState: z.nullish(z.object({ code: z.optional(z.string()) })),
  status: z.nullish(z.object({ provisioningError: z.nullish(problem) })),
});
export type AgentPoolReply = z.output<typeof agentPoolReply>;

const machine = z.object({
  name: z.string().check(z.minLength(1)),
  properties: z.object({ resourceId: z.string().check(z.startsWith("/")) }),
});
export type Machine = z.output<typeof machine>;

/** A machine without a resource id has no virtual machine, and so is no node. */
export const machinesReply = z.pipe(
  z.array(
    z.union([
      machine,
      z.pipe(
        z.unknown(),
        z.transform(() => null),
      ),
    ]),
  ),
  z.transform((all) => ({ listed: all.length, machines: all.filter((one) => one !== null) })),
);

export const virtualMachinesReply = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        provisioningState: z.string(),
        instanceView: z.optional(z.object({ statuses: z._default(z.array(z.object({ code: z.string() })), []) })),
      }),
    }),
  ),
  nextLink: z.nullish(z.string()),
});
export type VirtualMachine = z.output<typeof virtualMachinesReply>["value"][number];

/** Every text of a problem and of its causes, outermost first. */
export function flattened({ code, message, details }: Problem): { readonly code: string; readonly message: string } {
  const inner = details.map(flattened).map((detail) => `${detail.code}: ${detail.message}`);
  return { code, message: [message, ...inner].join(" ") };
}
