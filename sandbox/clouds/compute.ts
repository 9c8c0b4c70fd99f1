import { z } from "zod";
import type { Clock } from "../../shared/model/clock.ts";
import type { Instance, InstanceGroup, PastError } from "./compute-group.ts";
import { GoogleFailure, type GoogleOperation, type GoogleRequest, invalid, parseBody } from "./gke-wire.ts";

const GROUP = /^\/compute\/v1\/(projects\/[^/]+\/zones\/[^/]+\/instanceGroupManagers\/[^/]+)(?:\/(\w+))?$/;

/** The managed instance groups of Compute Engine, as far as vramp calls them. `find` brings a group up to now. */
export function computeOperation(
  request: GoogleRequest,
  find: (path: string) => InstanceGroup | undefined,
  now: Clock,
): GoogleOperation | undefined {
  const [matched, path = "", verb] = GROUP.exec(request.path) ?? [];
  if (matched === undefined) return undefined;
  const group = (): InstanceGroup => {
    const found = find(path);
    if (found === undefined) throw new GoogleFailure("NOT_FOUND", `The resource '${path}' was not found`);
    return found;
  };
  const read = (name: string, run: () => unknown): GoogleOperation => ({
    name,
    permission: "compute.instanceGroupManagers.get",
    mutating: false,
    input: { path, ...Object.fromEntries(request.query) },
    run,
  });
  switch (`${request.method} ${verb ?? ""}`.trim()) {
    case "GET":
      return read("instanceGroupManagers.get", () => groupJson(group()));
    case "POST listManagedInstances":
      return read("instanceGroupManagers.listManagedInstances", () => {
        const found = group();
        return paged(request.query, "managedInstances", found.instances, (instance) => instanceJson(instance, found));
      });
    case "GET listErrors":
      return read("instanceGroupManagers.listErrors", () => {
        const found = group();
        return paged(request.query, "items", found.errors, (error) => errorJson(error, found));
      });
    case "POST deleteInstances":
      return {
        name: "instanceGroupManagers.deleteInstances",
        permission: "compute.instanceGroupManagers.update",
        mutating: true,
        input: { path, requestId: request.query.get("requestId"), body: request.body },
        run: () => deleteInstances(group(), request, now),
      };
    default:
      return undefined;
  }
}

const deleteBody = z.strictObject({
  instances: z.array(z.string()).min(1).max(1000),
  skipInstancesOnValidationError: z.boolean().optional(),
});

// Full URLs and partial ones, as the API takes.
const INSTANCE = /(?:^|\/)zones\/([^/]+)\/instances\/([^/]+)$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function deleteInstances(group: InstanceGroup, { body, query }: GoogleRequest, now: Clock) {
  const { data } = deleteBody.safeParse(parseBody(body));
  if (data === undefined) throw invalid("Invalid value for field 'instances': ''.");
  const request = query.get("requestId");
  if (request !== null && !UUID.test(request))
    throw invalid(`Invalid value for field 'requestId': '${request}'. Must be a valid UUID.`);
  const names = data.instances.map((instance) => {
    const [, zone, name] = INSTANCE.exec(instance) ?? [];
    if (name !== undefined && zone === group.spec.zone) return name;
    throw invalid(`Invalid value for field 'instances': '${instance}'. The URL is malformed or of another zone.`);
  });
  return {
    kind: "compute#operation",
    id: "1234567890123456789",
    name: group.deleteInstances(names, request, now()),
    operationType: "compute.instanceGroupManagers.deleteInstances",
    status: "RUNNING",
    zone: `https://www.googleapis.com/compute/v1/projects/${group.spec.project}/zones/${group.spec.zone}`,
  };
}

/** A page of a list, as `maxResults` and `pageToken` ask for it. */
function paged<T>(query: URLSearchParams, field: string, all: readonly T[], show: (item: T) => unknown) {
  const size = Number(query.get("maxResults") ?? 500);
  if (!(size >= 1 && size <= 500)) throw invalid(`Invalid value for field 'maxResults': '${size}'.`);
  const from = Number(query.get("pageToken") ?? 0);
  const page = all.slice(from, from + size).map(show);
  const next = from + size < all.length ? { nextPageToken: String(from + size) } : {};
  // An empty list is left out, as Google leaves it out.
  return { ...(page.length === 0 ? {} : { [field]: page }), ...next };
}

function groupJson(group: InstanceGroup) {
  const count = (action: Instance["action"]) => group.instances.filter((instance) => instance.action === action).length;
  return {
    kind: "compute#instanceGroupManager",
    id: "7432561321434",
    name: group.spec.name,
    zone: `https://www.googleapis.com/compute/v1/projects/${group.spec.project}/zones/${group.spec.zone}`,
    baseInstanceName: group.spec.base,
    targetSize: group.target,
    currentActions: {
      none: count("NONE"),
      creating: count("CREATING"),
      recreating: count("RECREATING"),
      deleting: count("DELETING"),
    },
    status: { isStable: group.instances.every((instance) => instance.action === "NONE") },
  };
}

const urlOf = (name: string, { spec }: InstanceGroup): string =>
  `https://www.googleapis.com/compute/v1/projects/${spec.project}/zones/${spec.zone}/instances/${name}`;

const instanceJson = ({ name, status, action, error }: Instance, group: InstanceGroup) => ({
  id: "8123456789012345678",
  name,
  instance: urlOf(name, group),
  ...(status === null ? {} : { instanceStatus: status }),
  currentAction: action,
  ...(error === null ? {} : { lastAttempt: { errors: { errors: [{ ...error, location: "" }] } } }),
});

const errorJson = ({ at, instance, error }: PastError, group: InstanceGroup) => ({
  error,
  instanceActionDetails: { action: "CREATING", instance: urlOf(instance, group) },
  timestamp: new Date(at * 1000).toISOString(),
});
