import { z } from "zod";

/** What is read of Azure's replies. The SDK calls every field optional; what vramp cannot do without is required here. */

const size = z.int().min(0);

/** Azure nests causes: the outermost says that something failed, an inner one says why. */
interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: readonly Problem[];
}
const problem: z.ZodType<Problem> = z.lazy(() =>
  z.object({
    code: z.string().default("Unknown"),
    message: z.string().default(""),
    details: z
      .array(problem)
      .nullish()
      .transform((details) => details ?? []),
  }),
);

export const agentPoolReply = z.object({
  count: size.nullish().transform((count) => count ?? 0),
  provisioningState: z.string().min(1),
  eTag: z.string().optional(),
  enableAutoScaling: z.boolean().nullish(),
  minCount: size.nullish(),
  maxCount: size.nullish(),
  mode: z.string().nullish(),
  typePropertiesType: z.string().nullish(),
  scaleSetEvictionPolicy: z.string().nullish(),
  powerState: z.object({ code: z.string().optional() }).nullish(),
  status: z.object({ provisioningError: problem.nullish() }).nullish(),
});
export type AgentPoolReply = z.output<typeof agentPoolReply>;

const machine = z.object({ name: z.string().min(1), properties: z.object({ resourceId: z.string().startsWith("/") }) });
export type Machine = z.output<typeof machine>;

/** A machine without a resource id has no virtual machine, and so is no node. */
export const machinesReply = z.array(z.union([machine, z.unknown().transform(() => null)])).transform((all) => ({
  listed: all.length,
  machines: all.filter((one) => one !== null),
}));

export const virtualMachinesReply = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        provisioningState: z.string(),
        instanceView: z.object({ statuses: z.array(z.object({ code: z.string() })).default([]) }).optional(),
      }),
    }),
  ),
  nextLink: z.string().nullish(),
});
export type VirtualMachine = z.output<typeof virtualMachinesReply>["value"][number];

/** Every text of a problem and of its causes, outermost first. */
export function flattened({ code, message, details }: Problem): { readonly code: string; readonly message: string } {
  const inner = details.map(flattened).map((detail) => `${detail.code}: ${detail.message}`);
  return { code, message: [message, ...inner].join(" ") };
}
