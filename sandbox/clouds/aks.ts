import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { Clock } from "../../shared/model/clock.ts";
import { AgentPool, type AgentPoolSpec, type Instance } from "./aks-agent-pool.ts";
import { type Resources, resourceIdOf, route } from "./aks-resources.ts";
import { type ArmCall, ArmFailure, type ArmOperation, type ArmReply, type ArmRequest } from "./aks-wire.ts";
import { selfSigned } from "./certificate.ts";
import { createFaults, type Fault, type FaultKind } from "./faults.ts";

// No call of these services carries more; what is larger is a bug of the caller's.
const BODY_LIMIT = 1024 * 1024;

export interface AksOptions {
  readonly now: Clock;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Calls that it does not know, as emulators of others may not. */
  readonly without?: readonly string[];
}

/** Azure Resource Manager on loopback, over TLS, with AKS behind it; strict: it refuses what AKS refuses. */
export interface Aks {
  readonly url: string;
  /** The authority of its certificate; PEM. */
  readonly ca: string;
  /** Every call, in order of its end. */
  readonly calls: readonly ArmCall[];
  /** Makes an agent pool (and its cluster) with its nodes ready. */
  createAgentPool(spec: AgentPoolSpec): AgentPool;
  /** The agent pool, brought up to now; throws if there is none. */
  agentPool(name: string): AgentPool;
  deleteAgentPool(name: string): void;
  /** An instance's resource id. */
  resourceId(pool: AgentPool, instance: Instance): string;
  /** A call's name is its method in the SDK, such as `agentPools.createOrUpdate`. */
  fault(fault: Fault): void;
  clearFaults(): void;
  stop(): Promise<void>;
}

export async function startAks({ now, port = 0, without = [] }: AksOptions): Promise<Aks> {
  const certificate = selfSigned();
  const pools: AgentPool[] = [];
  const calls: ArmCall[] = [];
  const faults = createFaults();
  let url = "";
  const resources: Resources = { pools: () => pools, now, url: () => url };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await received(incoming);
    const operation = understood(request, resources, without);
    const fault = faults.next(operation.name);
    const reply = answerTo(operation, request, fault);
    calls.push({
      at: now(),
      operation: operation.name,
      mutating: operation.mutating,
      input: operation.input,
      requestId: request.headers["x-ms-client-request-id"] ?? null,
      status: reply?.status ?? null,
      fault,
    });
    if (reply === null) {
      if (fault !== "hang") response.destroy();
      return;
    }
    const text = fault === "badJson" ? '{"truncated": ' : JSON.stringify(reply.body);
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
    response.end(reply.body === null ? "" : text);
  };

  const listening = await listenOnLoopback(
    (incoming, response) => {
      serve(incoming, response).catch((error: unknown) => response.writeHead(500).end(`emulator: ${String(error)}`));
    },
    port,
    certificate,
  );
  url = listening.url;

  return {
    url,
    ca: certificate.cert,
    calls,
    createAgentPool(spec) {
      const scaleSet = `aks-${spec.name}-${String(10_000_000 + pools.length)}-vmss`;
      const pool = new AgentPool(spec, scaleSet);
      pools.push(pool);
      return pool;
    },
    agentPool(name) {
      const found = pools.find(({ spec }) => spec.name === name);
      if (found === undefined) throw new Error(`there is no agent pool ${name}`);
      found.advance(now());
      return found;
    },
    deleteAgentPool(name) {
      pools.splice(
        pools.findIndex(({ spec }) => spec.name === name),
        1,
      );
    },
    resourceId: resourceIdOf,
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    stop: listening.stop,
  };
}

async function received(incoming: IncomingMessage): Promise<ArmRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === "string") headers[name] = value;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error("the request's body is too large");
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "https://azure");
  const { method = "GET" } = incoming;
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(chunks).toString("utf8") };
}

/** The call that a request is; what is none is one that fails. */
function understood(request: ArmRequest, resources: Resources, without: readonly string[]): ArmOperation {
  try {
    const operation = route(request, resources);
    if (without.includes(operation.name)) throw new ArmFailure(404, "NotFound", `There is no ${operation.name} here`);
    return operation;
  } catch (error) {
    const run = () => {
      throw error;
    };
    return { name: `${request.method} ${request.path}`, mutating: request.method !== "GET", input: null, run };
  }
}

/** What is answered, after carrying the call out unless a fault stands in its way; null for no answer. */
function answerTo(operation: ArmOperation, request: ArmRequest, fault: FaultKind | null): ArmReply | null {
  switch (fault) {
    case "throttle":
      return {
        ...new ArmFailure(429, "TooManyRequests", "The request is being throttled.").toReply(),
        headers: { "retry-after": "1" },
      };
    case "5xx":
      return new ArmFailure(503, "ServerTimeout", "The server could not process the request in time.").toReply();
    case "denied":
      return denied(operation).toReply();
    case "badJson":
      return { status: 200, body: {} };
    case "hang":
    case "reset":
      return null;
    case "lost":
      carriedOut(operation, request);
      return null;
    case null:
      return carriedOut(operation, request);
    default:
      return fault satisfies never;
  }
}

function carriedOut(operation: ArmOperation, { headers }: ArmRequest): ArmReply {
  try {
    if (!/^Bearer \S+$/.test(headers.authorization ?? ""))
      throw new ArmFailure(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
      );
    return operation.run();
  } catch (error) {
    const failure =
      error instanceof ArmFailure ? error : new ArmFailure(500, "InternalError", `emulator: ${String(error)}`);
    return failure.toReply();
  }
}

/** How Azure words a denial. It repeats who called and the resource, which clients must not pass on. */
function denied({ name }: ArmOperation): ArmFailure {
  const action = DENIED_ACTIONS[name] ?? "Microsoft.ContainerService/managedClusters/agentPools/read";
  return new ArmFailure(
    403,
    "AuthorizationFailed",
    `The client 'vramp@example.com' with object id '11112222-3333-4000-8000-111122223333' does not have authorization to perform action '${action}' over scope '/subscriptions/11112222-3333-4000-8000-111122223333/resourceGroups/r' or the scope is invalid.`,
  );
}

const DENIED_ACTIONS: Readonly<Record<string, string>> = {
  "agentPools.createOrUpdate": "Microsoft.ContainerService/managedClusters/agentPools/write",
  "agentPools.deleteMachines": "Microsoft.ContainerService/managedClusters/agentPools/deleteMachines/action",
  "agentPools.abortLatestOperation": "Microsoft.ContainerService/managedClusters/agentPools/abort/action",
  "machines.list": "Microsoft.ContainerService/managedClusters/agentPools/machines/read",
  "virtualMachines.list": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
};
