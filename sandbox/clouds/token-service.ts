import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { SelfSigned } from "./certificate.ts";
import { createFaults, type Fault, type FaultKind } from "./faults.ts";

/** One request to another cloud's token service, its body read. */
export interface TokenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface TokenReply {
  readonly status: number;
  readonly body: object;
}

/** A request as the service saw it. `status` is null when it never answered. */
export interface TokenCall {
  readonly operation: string;
  readonly status: number | null;
  readonly fault: FaultKind | null;
}

/** What the service does with a request. `operation` is what faults and the log call it. */
export interface TokenOperation {
  readonly operation: string;
  run(): TokenReply;
}

export interface TokenService {
  readonly url: string;
  readonly calls: readonly TokenCall[];
  fault(fault: Fault): void;
  stop(): Promise<void>;
}

/** A token service on loopback, over TLS if it is given a certificate. */
export async function startTokenService(
  operationOf: (request: TokenRequest) => TokenOperation,
  tls: SelfSigned | null = null,
): Promise<TokenService> {
  const calls: TokenCall[] = [];
  const faults = createFaults();
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { operation, run } = operationOf(await received(incoming));
    const fault = faults.next(operation);
    const reply = fault === null ? run() : faulty(fault);
    calls.push({ operation, status: reply?.status ?? null, fault });
    if (fault === "reset" || fault === "lost") response.destroy();
    if (reply === null) return;
    const body = fault === "badJson" ? '{"truncated": ' : JSON.stringify(reply.body);
    response.writeHead(reply.status, { "content-type": "application/json" }).end(body);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    serve(incoming, response).catch((error: unknown) => response.writeHead(500).end(`emulator: ${String(error)}`));
  };
  const { url, stop } = await listenOnLoopback(listener, 0, tls);
  return { url, calls, fault: (fault) => faults.add(fault), stop };
}

async function received(incoming: IncomingMessage): Promise<TokenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = "GET", url = "/", headers } = incoming;
  const path = new URL(url, "http://tokens").pathname;
  return { method, path, headers, body: Buffer.concat(chunks).toString("utf8") };
}

function faulty(fault: FaultKind): TokenReply | null {
  switch (fault) {
    case "throttle":
      return { status: 429, body: { error: "temporarily_unavailable" } };
    case "5xx":
      return { status: 503, body: { error: "temporarily_unavailable" } };
    case "denied":
      return { status: 403, body: { error: "access_denied" } };
    case "badJson":
      return { status: 200, body: {} };
    case "hang":
    case "reset":
    case "lost":
      return null;
    default:
      return fault satisfies never;
  }
}
