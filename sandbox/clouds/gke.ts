import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { computeOperation } from "./compute.ts";
import { createFaults, type Fault, type FaultKind } from "./faults.ts";
import { type Clusters, gkeOperation } from "./gke-api.ts";
import { Cluster } from "./gke-cluster.ts";
import type { NodePool, NodePoolSpec } from "./gke-node-pool.ts";
import { GoogleFailure, type GoogleOperation, type GoogleRequest, invalid, type Status } from "./gke-wire.ts";

// No call of these APIs carries more; what is larger is a bug of the caller's.
const BODY_LIMIT = 1024 * 1024;

/** One call as the cloud saw it. `outcome` is what it answered; null when it never did. */
export interface GoogleCall {
  readonly at: EpochSeconds;
  readonly operation: string;
  readonly mutating: boolean;
  readonly input: unknown;
  readonly outcome: { readonly status: number; readonly code: Status | null } | null;
  readonly fault: FaultKind | null;
}

export interface GkeOptions {
  readonly now: Clock;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
}

export interface Gke {
  /** The endpoint of GKE and of Compute Engine alike. */
  readonly url: string;
  /** Every call, in order of its end. */
  readonly calls: readonly GoogleCall[];
  /** Makes a node pool (and its cluster, with these zones, if there is none) with its nodes running. */
  createNodePool(spec: NodePoolSpec, zones?: readonly string[]): NodePool;
  /** The cluster, brought up to now; throws if there is none. */
  cluster(project: string, location: string, name: string): Cluster;
  deleteNodePool(pool: NodePool): void;
  /** Brings everything up to now. Requests do so by themselves. */
  advance(): void;
  fault(fault: Fault): void;
  clearFaults(): void;
  stop(): Promise<void>;
}

/** Google Kubernetes Engine and the Compute Engine behind it, on loopback, as much of them as vramp meets, and strict. */
export async function startGke({ now, port = 0 }: GkeOptions): Promise<Gke> {
  const made = new Map<string, Cluster>();
  const calls: GoogleCall[] = [];
  const faults = createFaults();
  const advance = () => {
    for (const cluster of made.values()) cluster.advance(now());
  };
  const find: Clusters["find"] = (project, location, name) => made.get(id(project, location, name));
  const clusters: Clusters = {
    find,
    in: (project, location) =>
      [...made].filter(([key]) => key.startsWith(id(project, location, ""))).map(([, cluster]) => cluster),
  };
  const groups = () =>
    [...made.values()].flatMap((cluster) => [...cluster.pools.values()].flatMap((pool) => pool.groups));
  const route = (request: GoogleRequest): GoogleOperation | undefined =>
    gkeOperation(request, clusters, now) ??
    computeOperation(request, (path) => groups().find((group) => group.path === path), now);

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await receive(incoming);
    const operation = route(request);
    if (operation === undefined)
      throw new GoogleFailure("NOT_FOUND", `The sandbox has no ${request.method} ${request.path}`);
    const fault = faults.next(operation.name);
    const record = (outcome: GoogleCall["outcome"]) => {
      const { name, mutating, input } = operation;
      calls.push({ at: now(), operation: name, mutating, input, outcome, fault });
    };
    try {
      if (!/^Bearer \S+$/.test(incoming.headers.authorization ?? "")) throw UNAUTHENTICATED;
      refuseByFault(fault, operation);
      if (fault === "hang" || fault === "reset") {
        record(null);
        if (fault === "reset") response.destroy();
        return;
      }
      if (fault === "badJson") {
        record({ status: 200, code: null });
        response.writeHead(200, JSON_TYPE).end('{"truncated": ');
        return;
      }
      advance();
      const body = operation.run();
      record(fault === "lost" ? null : { status: 200, code: null });
      if (fault === "lost") response.destroy();
      else response.writeHead(200, JSON_TYPE).end(JSON.stringify(body));
    } catch (error) {
      const failure = asFailure(error);
      record(fault === "lost" ? null : { status: failure.httpStatus, code: failure.status });
      if (fault === "lost") response.destroy();
      else refuse(response, failure);
    }
  };

  const { url, stop } = await listenOnLoopback((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => refuse(response, asFailure(error)));
  }, port);

  return {
    url,
    calls,
    createNodePool(spec, zones = ["a", "b", "c"].map((letter) => `${spec.location}-${letter}`)) {
      const key = id(spec.project, spec.location, spec.cluster);
      const path = `projects/${spec.project}/locations/${spec.location}/clusters/${spec.cluster}`;
      const cluster = made.get(key) ?? new Cluster(path, zones);
      made.set(key, cluster);
      return cluster.add(spec, now());
    },
    cluster(project, location, name) {
      const found = find(project, location, name);
      if (found === undefined) throw new Error(`there is no cluster ${project}/${location}/${name}`);
      found.advance(now());
      return found;
    },
    deleteNodePool: ({ spec }) => void find(spec.project, spec.location, spec.cluster)?.pools.delete(spec.name),
    advance,
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    stop,
  };
}

const id = (...parts: readonly string[]): string => parts.join("/");

const JSON_TYPE = { "content-type": "application/json; charset=UTF-8" };

const UNAUTHENTICATED = new GoogleFailure(
  "UNAUTHENTICATED",
  "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
);

/** Throws what Google answers when this fault stands in the way. */
function refuseByFault(fault: FaultKind | null, { permission }: GoogleOperation): void {
  switch (fault) {
    case "throttle":
      throw new GoogleFailure(
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'container.googleapis.com'.",
        "RATE_LIMIT_EXCEEDED",
      );
    case "5xx":
      throw new GoogleFailure("UNAVAILABLE", "The service is currently unavailable.");
    case "denied":
      throw new GoogleFailure("PERMISSION_DENIED", `Required "${permission}" permission(s) for "projects/acme".`);
    default:
  }
}

async function receive(incoming: IncomingMessage): Promise<GoogleRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw invalid("Request payload size exceeds the limit.");
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://google");
  return {
    method: incoming.method ?? "GET",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

/** What is no refusal is a bug of the emulator's: shown to the caller, who sees it in the test. */
const asFailure = (error: unknown): GoogleFailure =>
  error instanceof GoogleFailure ? error : new GoogleFailure("INTERNAL", `emulator: ${String(error)}`);

function refuse(response: ServerResponse, failure: GoogleFailure): void {
  response.writeHead(failure.httpStatus, JSON_TYPE).end(JSON.stringify(failure.body));
}
