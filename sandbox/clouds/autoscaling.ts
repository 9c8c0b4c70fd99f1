import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { AutoScalingGroup, Instance } from "./autoscaling-group.ts";
import type { Activity } from "./autoscaling-launches.ts";
import { members, queryProtocol, queryReply, type Xml } from "./aws-query.ts";
import { AwsFailure, type AwsOperation, type AwsService } from "./aws-wire.ts";

const NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/";

/** Where the groups are. They belong to node groups here: nothing else makes one. */
export interface Groups {
  in(region: string): readonly AutoScalingGroup[];
}

type Action = (form: URLSearchParams, groups: readonly AutoScalingGroup[], now: EpochSeconds) => Xml;

/** The calls of Auto Scaling that vramp makes, and whether they change anything. */
const ACTIONS: Readonly<Record<string, { readonly mutating: boolean; readonly run: Action }>> = {
  DescribeAutoScalingGroups: { mutating: false, run: describeGroups },
  DescribeAutoScalingInstances: { mutating: false, run: describeInstances },
  DescribeScalingActivities: { mutating: false, run: describeActivities },
  TerminateInstanceInAutoScalingGroup: { mutating: true, run: terminateInstance },
};

/** EC2 Auto Scaling, by the query protocol. */
export function createAutoScaling(now: Clock, groups: Groups): AwsService {
  const operation = (name: string, form: URLSearchParams, region: string): AwsOperation => {
    const action = ACTIONS[name];
    if (action === undefined)
      throw new AwsFailure(400, "InvalidAction", `Could not find operation ${name} for version 2011-01-01`);
    return {
      name,
      mutating: action.mutating,
      input: Object.fromEntries(form),
      run: () => {
        const here = groups.in(region);
        for (const group of here) group.advance(now());
        return queryReply(NAMESPACE, name, action.run(form, here, now()));
      },
    };
  };
  return {
    protocol: queryProtocol(NAMESPACE),
    operation: ({ body, region }) => {
      const form = new URLSearchParams(body);
      return operation(form.get("Action") ?? "(none)", form, region);
    },
  };
}

function describeGroups(form: URLSearchParams, groups: readonly AutoScalingGroup[]): Xml {
  const names = members(form, "AutoScalingGroupNames");
  const asked = names.length === 0 ? groups : groups.filter((group) => names.includes(group.spec.name));
  return { AutoScalingGroups: asked.map(groupXml) };
}

function describeInstances(form: URLSearchParams, groups: readonly AutoScalingGroup[]): Xml {
  const ids = members(form, "InstanceIds");
  if (ids.length > 50)
    throw new AwsFailure(400, "ValidationError", "The number of Auto Scaling instances must not exceed 50");
  const found = groups.flatMap((group) =>
    group.instances
      .filter((instance) => ids.length === 0 || ids.includes(instance.id))
      .map((instance) => ({ ...instanceFields(instance, group), AutoScalingGroupName: group.spec.name })),
  );
  return { AutoScalingInstances: found };
}

function describeActivities(form: URLSearchParams, groups: readonly AutoScalingGroup[]): Xml {
  const name = required(form, "AutoScalingGroupName");
  const group = groups.find((candidate) => candidate.spec.name === name);
  if (group === undefined) throw new AwsFailure(400, "ValidationError", `AutoScalingGroup name not found - ${name}`);
  const limit = Number(form.get("MaxRecords") ?? 100);
  return { Activities: group.activities.newestFirst.slice(0, limit).map((activity) => activityXml(activity, group)) };
}

function terminateInstance(form: URLSearchParams, groups: readonly AutoScalingGroup[], now: EpochSeconds): Xml {
  const id = required(form, "InstanceId");
  const decrement = required(form, "ShouldDecrementDesiredCapacity") === "true";
  const group = groups.find((candidate) => candidate.instances.some((instance) => instance.id === id));
  if (group === undefined)
    throw new AwsFailure(
      400,
      "ValidationError",
      `Instance Id not found - No managed instance found for instance ID: ${id}`,
    );
  const begun = group.terminate(id, decrement, now);
  const activity = group.activities.newestFirst.find((candidate) => candidate.id === begun);
  return { Activity: activity === undefined ? null : activityXml(activity, group) };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value !== null && value !== "") return value;
  const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  throw new AwsFailure(
    400,
    "ValidationError",
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function groupXml(group: AutoScalingGroup): Xml {
  const { min, max, desired } = group.bounds;
  return {
    AutoScalingGroupName: group.spec.name,
    AutoScalingGroupARN: group.arn,
    MinSize: min,
    MaxSize: max,
    DesiredCapacity: desired,
    DefaultCooldown: 300,
    AvailabilityZones: group.spec.zones,
    HealthCheckType: "EC2",
    HealthCheckGracePeriod: 15,
    CreatedTime: iso(0),
    Instances: group.instances.map((instance) => instanceFields(instance, group)),
  };
}

const instanceFields = (instance: Instance, group: AutoScalingGroup) => ({
  InstanceId: instance.id,
  InstanceType: group.spec.instanceType,
  AvailabilityZone: instance.zone,
  LifecycleState: instance.lifecycle,
  HealthStatus: "Healthy",
  ProtectedFromScaleIn: false,
});

const activityXml = (activity: Activity, group: AutoScalingGroup): Xml => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group.spec.name,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: iso(activity.start),
  EndTime: activity.end === null ? null : iso(activity.end),
  StatusCode: activity.status,
  StatusMessage: activity.message,
  Progress: activity.status === "InProgress" ? 50 : 100,
});

const iso = (at: EpochSeconds): string => new Date(at * 1000).toISOString();
