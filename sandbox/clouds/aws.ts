import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { createAutoScaling } from "./autoscaling.ts";
import { signingScope } from "./aws-signature.ts";
import {
  AwsFailure,
  type AwsOperation,
  type AwsReply,
  type AwsRequest,
  type AwsService,
  REST_JSON,
} from "./aws-wire.ts";
import { createEks, type Eks } from "./eks.ts";
import { createFaults, type Fault, type FaultKind } from "./faults.ts";

// No call of these services carries more; what is larger is a bug of the caller's.
const BODY_LIMIT = 1024 * 1024;

/** One call as the cloud saw it. `outcome` is what it answered; null when it never did. */
export interface AwsCall {
  readonly at: EpochSeconds;
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly operation: string;
  readonly mutating: boolean;
  readonly input: unknown;
  readonly outcome: { readonly status: number; readonly code: string | null } | null;
  readonly fault: FaultKind | null;
}

export interface AwsOptions {
  readonly now: Clock;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** More services, by their SigV4 signing name. */
  readonly services?: Readonly<Record<string, AwsService>>;
}

export interface Aws {
  readonly url: string;
  readonly eks: Eks;
  /** Every call, in order of its end. */
  readonly calls: readonly AwsCall[];
  fault(fault: Fault): void;
  clearFaults(): void;
  stop(): Promise<void>;
}

/** AWS on loopback: one endpoint for all services, told apart by what the request is signed for. */
export async function startAws({ now, port = 0, services = {} }: AwsOptions): Promise<Aws> {
  const eks = createEks(now);
  const mounted: Readonly<Record<string, AwsService>> = {
    eks: eks.service,
    autoscaling: createAutoScaling(now, eks.groups),
    ...services,
  };
  const calls: AwsCall[] = [];
  const faults = createFaults();

  const serve = async (request: AwsRequest, response: ServerResponse): Promise<void> => {
    const service = mounted[request.service];
    if (service === undefined)
      throw new AwsFailure(404, "UnknownOperationException", `The sandbox has no AWS service ${request.service}`);
    const operation = understood(service, request);
    if (operation instanceof AwsFailure) return reply(response, service.protocol.failure(operation));
    const fault = faults.next(operation.name);
    const outcome = await answer(service, request, operation, fault, response);
    calls.push({
      at: now(),
      service: request.service,
      region: request.region,
      accessKeyId: request.accessKeyId,
      operation: operation.name,
      mutating: operation.mutating,
      input: operation.input,
      outcome,
      fault,
    });
  };

  const { url, stop } = await listenOnLoopback((incoming, response) => {
    receive(incoming)
      .then((request) => serve(request, response))
      .catch((error: unknown) => reply(response, REST_JSON.failure(asFailure(error))));
  }, port);

  return {
    url,
    eks,
    calls,
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    stop,
  };
}

async function receive(incoming: IncomingMessage): Promise<AwsRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === "string") headers[name] = value;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new AwsFailure(413, "RequestEntityTooLarge", "Request body is too large");
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? "/", "http://aws");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
    ...signingScope(headers),
  };
}

function understood(service: AwsService, request: AwsRequest): AwsOperation | AwsFailure {
  try {
    return service.operation(request);
  } catch (error) {
    return asFailure(error);
  }
}

/** Carries the call out, unless a fault stands in its way, and tells how it ended for the caller. */
async function answer(
  service: AwsService,
  request: AwsRequest,
  operation: AwsOperation,
  fault: FaultKind | null,
  response: ServerResponse,
): Promise<AwsCall["outcome"]> {
  const { protocol } = service;
  const refuse = (failure: AwsFailure) => {
    reply(response, protocol.failure(failure));
    return { status: failure.status, code: failure.code };
  };
  switch (fault) {
    case "throttle":
      return refuse(protocol.throttled);
    case "5xx":
      return refuse(protocol.broken);
    case "denied":
      return refuse(protocol.denied(`${request.service}:${operation.name}`));
    case "badJson":
      reply(response, protocol.garbage);
      return { status: protocol.garbage.status, code: null };
    case "hang":
      return null;
    case "reset":
      response.destroy();
      return null;
    case "lost":
    case null: {
      const outcome = await carriedOut(operation);
      if (fault === null) {
        if (outcome instanceof AwsFailure) return refuse(outcome);
        reply(response, outcome);
        return { status: outcome.status, code: null };
      }
      response.destroy();
      return null;
    }
    default:
      return fault satisfies never;
  }
}

async function carriedOut(operation: AwsOperation): Promise<AwsReply | AwsFailure> {
  try {
    return await operation.run();
  } catch (error) {
    return asFailure(error);
  }
}

/** What is no refusal is a bug of the emulator's: shown to the caller, who sees it in the test. */
function asFailure(error: unknown): AwsFailure {
  return error instanceof AwsFailure ? error : new AwsFailure(500, "InternalFailure", `emulator: ${String(error)}`);
}

function reply(response: ServerResponse, { status, headers, body }: AwsReply): void {
  response.writeHead(status, headers).end(body);
}
