import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { APIGatewayProxyResult } from "aws-lambda";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { authorized, liveTokens } from "../alerts/auth.ts";
import type { createAlertsHandler } from "../alerts/handler.ts";
import { MAX_BODY_BYTES, RETRY_AFTER } from "../alerts/limits.ts";
import type { createInvokeHandler } from "../invoke/handler.ts";
import { type Listening, listenOnLoopback } from "./listen.ts";

/** The functions behind one HTTP server, for a process that has no API Gateway in front. */
export interface HttpDeps {
  readonly alerts: ReturnType<typeof createAlertsHandler>;
  readonly invoke: ReturnType<typeof createInvokeHandler>;
  readonly secrets: Secrets;
  /** The secret that holds the tokens for `invoke`. */
  readonly tokenSecret: string;
}

/** An answer, JSON unless `type` says otherwise. */
export interface Answer extends Pick<APIGatewayProxyResult, "statusCode" | "body"> {
  readonly type?: string;
}

/** What answers a GET without a token, by path. */
export type Pages = Readonly<Record<string, () => Promise<Answer>>>;

export const json = (statusCode: number, body: object): Answer => ({ statusCode, body: JSON.stringify(body, null, 2) });

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

async function invoke(request: IncomingMessage, deps: HttpDeps): Promise<Answer> {
  const tokens = await liveTokens(deps.secrets, deps.tokenSecret);
  if (!authorized(request.headers.authorization, tokens)) return json(401, { error: "unauthorized" });
  const body = await readCapped(request);
  if (Buffer.byteLength(body) > MAX_BODY_BYTES)
    return json(413, { error: `the body is larger than ${MAX_BODY_BYTES} bytes` });
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return json(400, { error: "the body is not JSON" });
  }
  const reply = await deps.invoke(event);
  return json(reply.error === undefined ? 200 : (INVOKE_STATUS[reply.error.code] ?? 500), reply);
}

/** That the process answers at all. */
export const HEALTH: Pages = { "/healthz": async () => json(200, { status: "ok" }) };

async function answer(request: IncomingMessage, deps: HttpDeps, pages: Pages): Promise<Answer> {
  const pathname = URL.parse(request.url ?? "/", "http://vramp")?.pathname ?? "";
  const page = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  if (page !== undefined) return page();
  if (pathname !== "/alerts" && pathname !== "/invoke")
    return json(404, { error: `there are ${["/alerts", "/invoke", ...Object.keys(pages)].join(", ")}` });
  if (request.method !== "POST") return json(405, { error: `${pathname} takes POST` });
  if (pathname === "/invoke") return invoke(request, deps);
  return deps.alerts({
    headers: singleHeaders(request),
    body: () => readCapped(request),
    isBase64Encoded: false,
  });
}

function send(response: ServerResponse, answer: Answer, request: IncomingMessage): void {
  const { statusCode, body, type = "application/json" } = answer;
  // A body that was not read to its end cannot be followed by another request.
  if (!request.complete) response.setHeader("connection", "close");
  if (statusCode === 503) response.setHeader("retry-after", RETRY_AFTER);
  response.writeHead(statusCode, { "content-type": type }).end(body);
}

/** Answers `POST /alerts`, `POST /invoke` and the pages. */
export function httpListener(deps: HttpDeps, pages: Pages = HEALTH): RequestListener {
  return (request, response) => {
    answer(request, deps, pages).then(
      (reply) => send(response, reply, request),
      () => send(response, json(503, { error: "not done; try again" }), request),
    );
  };
}

/** Serves `POST /alerts`, `POST /invoke` and `GET /healthz` on loopback; port 0 lets the system choose. */
export function startHttp(deps: HttpDeps, port: number): Promise<Listening> {
  return listenOnLoopback(httpListener(deps), port);
}
