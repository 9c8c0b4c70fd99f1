import * as z from "zod/mini";

/** An absent list is an empty one. */
const list = <S extends z.ZodMiniType>(element: S) => z._default(z.array(element), []);

/** What is read of AWS's replies. The SDK calls every field optional; what vramp cannot do without is required here. */

const size = z.int().check(z.minimum(0));
const text = z._default(z.string(), "");

const issue = z.object({ code: text, message: text });

export const nodegroupReply = z.object({
  nodegroup: z.object({
    status: z.enum(["CREATING", "ACTIVE", "UPDATING", "DELETING", "CREATE_FAILED", "DELETE_FAILED", "DEGRADED"]),
    scalingConfig: z.object({ minSize: size, maxSize: size, desiredSize: size }),
    resources: z.optional(z.object({ autoScalingGroups: list(z.object({ name: z.string() })) })),
    health: z.optional(z.object({ issues: list(issue) })),
  }),
});
export type Nodegroup = z.output<typeof nodegroupReply>["nodegroup"];

export const updateReply = z.object({
  update: z.object({
    id: z.string().check(z.minLength(1)),
    status: z.enum(["InProgress", "Failed", "Cancelled", "Successful"]),
    errors: z.pipe(
      list(z.object({ errorCode: text, errorMessage: text })),
      z.transform((errors) => errors.map((e) => ({ code: e.errorCode, message: e.errorMessage }))),
    ),
  }),
});

export const groupsReply = z.object({
  AutoScalingGroups: list(
    z.object({
      AutoScalingGroupName: z.string(),
      MinSize: size,
      DesiredCapacity: size,
      Instances: list(
        z.object({
          InstanceId: z.string(),
          AvailabilityZone: z.string(),
          LifecycleState: z.string(),
          HealthStatus: z.string(),
        }),
      ),
    }),
  ),
});
export type ScalingGroup = z.output<typeof groupsReply>["AutoScalingGroups"][number];

export const instancesReply = z.object({
  AutoScalingInstances: list(z.object({ InstanceId: z.string(), AutoScalingGroupName: z.string() })),
});

/** A termination's reply tells of an activity, which nobody needs: whether the instance is gone is read from its group. */
export const terminationReply = z.object({ Activity: z.unknown() });

export const activitiesReply = z.object({
  Activities: list(z.object({ StatusCode: z.string(), StatusMessage: text, Description: text, StartTime: z.date() })),
});
export type ScalingActivity = z.output<typeof activitiesReply>["Activities"][number];
