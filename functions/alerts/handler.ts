import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { Clock } from "../../shared/model/clock.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { clean, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import type { WakeQueue } from "../../shared/wake/wake-queue.ts";
import { notification } from "./alertmanager.ts";
import { authorized, liveTokens } from "./auth.ts";
import { ENQUEUE_TIMEOUT_MS, MAX_ALERTS, MAX_BODY_BYTES, MAX_NESTING, RETRY_AFTER } from "./limits.ts";
import { nestingOf } from "./nesting.ts";
import { route } from "./route.ts";

export interface AlertsDeps {
  readonly policy: () => Promise<Policy>;
  readonly queue: WakeQueue;
  readonly secrets: Secrets;
  /** The secret that holds the live tokens. */
  readonly tokenSecret: string;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/** A request. Where the body comes over a wire of our own, a function reads it: whoever has no token sends it in vain. */
interface Event extends Pick<APIGatewayProxyEvent, "headers" | "isBase64Encoded"> {
  readonly body: APIGatewayProxyEvent["body"] | (() => Promise<string>);
}

/** A refusal that Alertmanager and the person who set it up can read. */
class Refusal extends Error {
  readonly statusCode: number;
  readonly why: string;

  constructor(statusCode: number, why: string, message: string) {
    super(message);
    this.statusCode = statusCode;
    this.why = why;
  }
}

const reply = (statusCode: number, body: object): APIGatewayProxyResult => ({
  statusCode,
  headers: { "content-type": "application/json", ...(statusCode === 503 ? { "retry-after": RETRY_AFTER } : {}) },
  body: JSON.stringify(body),
});

function header(event: Event, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

/** The body as it came. */
export const rawBodyOf = async ({ body }: Event): Promise<string> =>
  typeof body === "function" ? body() : (body ?? "");

/** The body as text, once it is known to be small enough to look at. */
async function bodyOf(event: Event): Promise<string> {
  const raw = await rawBodyOf(event);
  const bytes = Buffer.byteLength(raw, event.isBase64Encoded ? "base64" : "utf8");
  if (bytes > MAX_BODY_BYTES) {
    throw new Refusal(
      413,
      "BodyTooLarge",
      `the body has ${bytes} bytes, the limit is ${MAX_BODY_BYTES}; lower max_alerts`,
    );
  }
  return event.isBase64Encoded ? Buffer.from(raw, "base64").toString("utf8") : raw;
}

function parse(text: string): unknown {
  if (nestingOf(text) > MAX_NESTING)
    throw new Refusal(400, "NestedTooDeep", `the body nests deeper than ${MAX_NESTING} levels; use no custom payload`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal(400, "NotJson", `the body is not JSON: ${clean(cause instanceof Error ? cause.message : "")}`);
  }
}

const countAlerts = (body: unknown): number =>
  typeof body === "object" && body !== null && "alerts" in body && Array.isArray(body.alerts) ? body.alerts.length : 0;

async function notificationOf(event: Event) {
  const body = parse(await bodyOf(event));
  const count = countAlerts(body);
  if (count > MAX_ALERTS) {
    throw new Refusal(413, "TooManyAlerts", `the body has ${count} alerts, the limit is ${MAX_ALERTS}; set max_alerts`);
  }
  const parsed = notification.safeParse(body);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const where = first === undefined ? "" : ` (${clean(first.path.join("."))}: ${clean(first.message)})`;
  throw new Refusal(
    400,
    "NotAlertmanagerV4",
    `expected an Alertmanager webhook body, version 4${where}; use no custom payload`,
  );
}

/** Fails with 503 unless everything is enqueued in time: Alertmanager tries again after a 5xx only. */
async function enqueue(deps: AlertsDeps, wakes: Parameters<WakeQueue["send"]>[0]): Promise<void> {
  if (wakes.length === 0) return;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the queue did not answer in time")), ENQUEUE_TIMEOUT_MS);
  try {
    await Promise.race([deps.queue.send(wakes), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * POST /alerts: an Alertmanager webhook becomes wake-ups. 202 only once every wake-up is enqueued; 401 before the body is
 * read; 400 and 413 for what can never be accepted; 503 whenever trying again may help. Never a redirect, never 429.
 */
export function createAlertsHandler(deps: AlertsDeps): (event: Event) => Promise<APIGatewayProxyResult> {
  async function accept(event: Event): Promise<APIGatewayProxyResult> {
    const tokens = await liveTokens(deps.secrets, deps.tokenSecret);
    if (!authorized(header(event, "authorization"), tokens)) throw new Refusal(401, "BadToken", "unauthorized");
    const body = await notificationOf(event);
    const { wakes, ignored, canaries } = route(body, await deps.policy(), deps.clock());
    await enqueue(deps, wakes);
    deps.telemetry.count("AlertsAccepted", body.alerts.length);
    deps.telemetry.count("WakesSent", wakes.length, "alert");
    if (ignored > 0) deps.telemetry.count("AlertsIgnored", ignored, "NoMatchingWorkload");
    if (canaries > 0) deps.telemetry.count("AlertsIgnored", canaries, "Canary");
    const woken = wakes.map((w) => w.workload);
    deps.telemetry.info("alerts accepted", { alerts: body.alerts.length, woken, ignored });
    return reply(202, { summary: `${body.alerts.length} alerts, ${woken.length} workloads woken`, woken, ignored });
  }

  return async (event) => {
    try {
      return await accept(event);
    } catch (error) {
      if (error instanceof Refusal) {
        deps.telemetry.count("AlertsRefused", 1, error.why);
        deps.telemetry.warn("alerts refused", { status: error.statusCode, why: error.why });
        return reply(error.statusCode, { error: error.message });
      }
      deps.telemetry.count("AlertsRefused", 1, "Unavailable");
      deps.telemetry.error("alerts not enqueued", {
        error: clean(error instanceof Error ? error.message : String(error)),
      });
      return reply(503, { error: "not accepted; send it again" });
    }
  };
}
