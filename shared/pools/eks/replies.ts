import { z } from "zod";

/** What is read of AWS's replies. The SDK calls every field optional; what vramp cannot do without is required here. */

const size = z.int().min(0);
const text = z.string().default("");

const issue = z.object({ code: text, message: text });

export const nodegroupReply = z.object({
  nodegroup: z.object({
    status: z.enum(["CREATING", "ACTIVE", "UPDATING", "DELETING", "CREATE_FAILED", "DELETE_FAILED", "DEGRADED"]),
    scalingConfig: z.object({ minSize: size, maxSize: size, desiredSize: size }),
    resources: z.object({ autoScalingGroups: z.array(z.object({ name: z.string() })).default([]) }).optional(),
    health: z.object({ issues: z.array(issue).default([]) }).optional(),
  }),
});
export type Nodegroup = z.output<typeof nodegroupReply>["nodegroup"];

export const updateReply = z.object({
  update: z.object({
    id: z.string().min(1),
    status: z.enum(["InProgress", "Failed", "Cancelled", "Successful"]),
    errors: z
      .array(z.object({ errorCode: text, errorMessage: text }))
      .default([])
      .transform((errors) => errors.map((e) => ({ code: e.errorCode, message: e.errorMessage }))),
  }),
});

export const groupsReply = z.object({
  AutoScalingGroups: z
    .array(
      z.object({
        AutoScalingGroupName: z.string(),
        MinSize: size,
        DesiredCapacity: size,
        Instances: z
          .array(
            z.object({
              InstanceId: z.string(),
              AvailabilityZone: z.string(),
              LifecycleState: z.string(),
              HealthStatus: z.string(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});
export type ScalingGroup = z.output<typeof groupsReply>["AutoScalingGroups"][number];

export const instancesReply = z.object({
  AutoScalingInstances: z.array(z.object({ InstanceId: z.string(), AutoScalingGroupName: z.string() })).default([]),
});

/** A termination's reply tells of an activity, which nobody needs: whether the instance is gone is read from its group. */
export const terminationReply = z.object({ Activity: z.unknown() });

export const activitiesReply = z.object({
  Activities: z
    .array(
      z.object({
        StatusCode: z.string(),
        StatusMessage: text,
        Description: text,
        StartTime: z.date(),
      }),
    )
    .default([]),
});
export type ScalingActivity = z.output<typeof activitiesReply>["Activities"][number];
