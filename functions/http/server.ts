import type { IncomingMessage, ServerResponse } from "node:http";
import type { APIGatewayProxyResult } from "aws-lambda";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { authorized, liveTokens } from "../alerts/auth.ts";
import type { createAlertsHandler } from "../alerts/handler.ts";
import { MAX_BODY_BYTES } from "../alerts/limits.ts";
import type { createInvokeHandler } from "../invoke/handler.ts";
import { type Listening, listenOnLoopback } from "./listen.ts";

/** The functions behind one loopback HTTP server, for a process that has no API Gateway in front. */
export interface HttpDeps {
  readonly alerts: ReturnType<typeof createAlertsHandler>;
  readonly invoke: ReturnType<typeof createInvokeHandler>;
  readonly secrets: Secrets;
  readonly tokenSecret: string;
}

type Answer = Pick<APIGatewayProxyResult, "statusCode" | "body">;

const json = (statusCode: number, body: object): Answer => ({ statusCode, body: JSON.stringify(body, null, 2) });

/** HTTP statuses for what `invoke` says went wrong. */
const INVOKE_STATUS: Readonly<Record<string, number>> = { BadRequest: 400, UnknownWorkload: 404, Unavailable: 503 };

/** The body, or as much of it as shows that it is too large: the rest is never read. */
async function readCapped(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

const singleHeaders = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).flatMap(([k, v]) => (typeof v === "string" ? [[k, v]] : [])));

async function invoke(request: IncomingMessage, body: string, deps: HttpDeps): Promise<Answer> {
  const tokens = await liveTokens(deps.secrets, deps.tokenSecret);
  if (!authorized(request.headers.authorization, tokens)) return json(401, { error: "unauthorized" });
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return json(400, { error: "the body is not JSON" });
  }
  const reply = await deps.invoke(event);
  return json(reply.error === undefined ? 200 : (INVOKE_STATUS[reply.error.code] ?? 500), reply);
}

async function answer(request: IncomingMessage, deps: HttpDeps): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://vramp");
  if (pathname === "/healthz") return json(200, { status: "ok" });
  if (pathname !== "/alerts" && pathname !== "/invoke")
    return json(404, { error: "there are /alerts, /invoke and /healthz" });
  if (request.method !== "POST") return json(405, { error: `${pathname} takes POST` });
  const body = await readCapped(request);
  if (pathname === "/invoke") return invoke(request, body, deps);
  return deps.alerts({ headers: singleHeaders(request), body, isBase64Encoded: false });
}

function send(response: ServerResponse, { statusCode, body }: Answer, request: IncomingMessage): void {
  // A body that was not read to its end cannot be followed by another request.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(statusCode, { "content-type": "application/json" }).end(body);
}

/** Serves `POST /alerts`, `POST /invoke` and `GET /healthz` on loopback; port 0 lets the system choose. */
export function startHttp(deps: HttpDeps, port: number): Promise<Listening> {
  return listenOnLoopback((request, response) => {
    answer(request, deps).then(
      (reply) => send(response, reply, request),
      () => send(response, json(503, { error: "not done; try again" }), request),
    );
  }, port);
}
