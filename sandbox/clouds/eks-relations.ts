import { z } from "zod";
import { AwsFailure } from "./aws-wire.ts";

/** What EKS accepts in `UpdateNodegroupConfig`, and how it refuses the rest. */

const tag = z.string().min(1).max(63);
const taint = z.strictObject({
  key: tag,
  value: z.string().max(63).optional(),
  effect: z.enum(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]),
});

const scalingConfig = z.strictObject({
  minSize: z.int().min(0).optional(),
  maxSize: z.int().min(1).optional(),
  desiredSize: z.int().min(0).optional(),
});

// updateConfig, nodeRepairConfig and warmPoolConfig exist at EKS and are refused here: nothing that vramp does may send them.
const updateBody = z.strictObject({
  scalingConfig: scalingConfig.optional(),
  labels: z
    .strictObject({
      addOrUpdateLabels: z.record(tag, z.string().max(63)).default({}),
      removeLabels: z.array(tag).default([]),
    })
    .optional(),
  taints: z
    .strictObject({ addOrUpdateTaints: z.array(taint).default([]), removeTaints: z.array(taint).default([]) })
    .optional(),
  clientRequestToken: z.string().min(1).max(64).optional(),
});
export type UpdateBody = z.output<typeof updateBody>;
export type Taint = z.output<typeof taint>;

export interface Scaling {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredSize: number;
}

/** Which node group a refusal is about; EKS repeats it in the error. */
export interface Named {
  readonly clusterName: string;
  readonly nodegroupName: string;
}

export const invalid = (message: string, about: Named): AwsFailure =>
  new AwsFailure(400, "InvalidParameterException", message, { ...about });

/** The body of an update; throws what EKS answers to a wrong type, a value out of range or a member it does not know. */
export function parseUpdate(text: string, about: Named): UpdateBody {
  const parsed = updateBody.safeParse(asJson(text, about));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") throw invalid(`Unknown member ${issue.keys.join(", ")}`, about);
  throw invalid(`${String(issue?.path.at(-1) ?? "body")} is not valid`, about);
}

function asJson(text: string, about: Named): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Request body is not JSON", about);
  }
}

/** The sizes after a change, when min <= desired <= max holds for the merged values; else throws EKS's refusal. */
export function merged(current: Scaling, change: UpdateBody["scalingConfig"], about: Named): Scaling {
  const next = {
    minSize: change?.minSize ?? current.minSize,
    maxSize: change?.maxSize ?? current.maxSize,
    desiredSize: change?.desiredSize ?? current.desiredSize,
  };
  if (next.minSize > next.desiredSize)
    throw invalid(`Minimum capacity ${next.minSize} can't be greater than desired size ${next.desiredSize}`, about);
  if (next.desiredSize > next.maxSize) throw invalid("desiredSize can't be greater than maxSize", about);
  return next;
}
