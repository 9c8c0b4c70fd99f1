import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod/mini";
import { createIdentities, type Identities } from "../identity/identities.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { SourceAuth } from "../policy/schema/signals.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { stepOf } from "../policy/windows.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { AllowedHosts } from "./address-guard.ts";
import { SignalFault, SourceMisconfigured, settle } from "./errors.ts";
import { RETRIES, RETRY_PAUSE, SOURCE_TIMEOUT } from "./limits.ts";
import { createPostForm, type PostForm } from "./post-form.ts";
import { type Authorize, createAuthorize } from "./prometheus-auth.ts";
import { observationOf, type PrometheusReply, parseReply } from "./prometheus-reply.ts";
import type { SignalRequest, SignalSource } from "./signal-source.ts";
import { refuseSkew } from "./skew.ts";

export interface PrometheusOptions {
  /** The server's address as its UI has it, with a path if it is served below one; `/api/v1` is added. */
  readonly url: string;
  readonly auth?: SourceAuth | undefined;
  readonly secrets: Secrets;
  readonly identities?: Identities;
  /** Where it may stand; `anywhere` unless said. */
  readonly hosts?: AllowedHosts | undefined;
}

function endpointOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null)
    throw new SourceMisconfigured(`${text} is not a URL; give the Prometheus source an http or https URL`);
  if (url.username !== "" || url.password !== "") {
    throw new SourceMisconfigured(
      `the url of the Prometheus at ${url.host} has a user or password in it; use auth: basic`,
    );
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/api/v1/query_range`;
  url.hash = "";
  return url;
}

/**
 * The range as the API's form. Evaluations end exactly at `now`, so that a live series has a sample there.
 *
 * `lookback_delta` keeps a sample from being repeated for longer than `maxAge`. Servers that do not know the parameter
 * ignore it (Prometheus 2.42 does) and go by their own `--query.lookback-delta`, 5 minutes unless set. There, a series that
 * ends without a staleness marker (its samples carry their own timestamps, or their sender died) is repeated as fresh for
 * that long; a scraped series has markers and ends with the first scrape that lacks it. Set the flag to the shortest
 * `maxAge` in use. No setting reaches `rate(x[5m])` and its like, which look back as far as they say.
 */
function formOf({ name, signal, window, now }: SignalRequest): URLSearchParams {
  if (signal.query === undefined) {
    throw new SourceMisconfigured(`signal ${name} has no query; a signal on a Prometheus source needs one`);
  }
  const step = stepOf(signal);
  const steps = Math.ceil(window / step);
  // Plain seconds throughout: the API takes no fraction in a duration with a unit.
  return new URLSearchParams({
    query: signal.query,
    start: (now - steps * step).toFixed(3),
    end: now.toFixed(3),
    step: String(step),
    timeout: String(SOURCE_TIMEOUT),
    lookback_delta: String(signal.maxAge),
  });
}

const networkError = z.object({ code: z.string() });

/** A failed connection, by its system code only: messages about headers quote them. */
function unreachable(host: string, cause: unknown): SignalFault {
  const parsed = networkError.safeParse(cause);
  const code = parsed.success ? ` (${parsed.data.code})` : "";
  return new SignalFault("unreachable", `no connection to ${host}${code}; check the source's url and the network`, {
    cause,
  });
}

/** What an answer without success means. `reply` is what the body held, if it was the API's. */
function refusal(status: number, host: string, reply: PrometheusReply | null): SignalFault {
  const said = reply?.status === "error" ? `: ${reply.error}` : "";
  if (status === 400 || status === 422)
    return new SignalFault("badQuery", `${host} refused the query${said || " (HTTP 400)"}`);
  if (status === 401 || status === 403) {
    return new SignalFault("denied", `${host} refused our credentials (HTTP ${status}); check the source's auth`);
  }
  if (status === 429) return new SignalFault("throttled", `${host} asks for fewer requests (HTTP 429)`);
  if (status >= 300 && status < 400) {
    return new SignalFault(
      "redirected",
      `${host} redirects (HTTP ${status}), which is never followed; correct the source's url`,
    );
  }
  if (reply?.status === "error" && reply.errorType === "timeout") {
    return new SignalFault("timeout", `${host} gave up on the query${said}`);
  }
  if (status >= 500) return new SignalFault("serverError", `${host} failed (HTTP ${status})${said}`);
  return new SignalFault(
    "notJson",
    `${host} has no Prometheus API there (HTTP ${status}); check the path of the source's url`,
  );
}

/** What a server says, without our credentials: a proxy may quote the request that it refused. */
function withoutCredentials(text: string, sent: Headers): string {
  const values = ["authorization", "x-amz-security-token"].flatMap((name) => sent.get(name)?.split(" ").at(-1) || []);
  return values.reduce((clear, value) => clear.replaceAll(value, "[credentials]"), text);
}

interface Asking {
  readonly endpoint: URL;
  readonly authorize: Authorize;
  readonly postForm: PostForm;
}

async function ask(
  { endpoint, authorize, postForm }: Asking,
  form: string,
  now: EpochSeconds,
  abort: AbortSignal,
): Promise<PrometheusReply> {
  const { host } = endpoint;
  const headers = await authorize({ url: endpoint, body: form, now });
  const { status, date, text } = await postForm(endpoint, headers, form, abort).catch((error: unknown) => {
    throw error instanceof SignalFault || error instanceof SourceMisconfigured ? error : unreachable(host, error);
  });
  const reply = parseReply(withoutCredentials(text, headers));
  if (status < 200 || status >= 300) throw refusal(status, host, reply);
  refuseSkew(date, host, now);
  if (reply === null)
    throw new SignalFault(
      "notJson",
      `${host} answered with something else than the API's JSON; check the source's url`,
    );
  return reply;
}

const mayPass = (error: unknown) =>
  error instanceof SignalFault && (error.why === "serverError" || error.why === "unreachable");

/**
 * A Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics, Amazon Managed Service for Prometheus). One
 * request for each signal, repeated once if the server failed or the connection broke. A sample's time is that of its
 * evaluation and it speaks for one step. Throws `SourceMisconfigured` if the options can never work.
 */
export function createPrometheusSource(options: PrometheusOptions): SignalSource {
  const asking = {
    endpoint: endpointOf(options.url),
    authorize: createAuthorize(options.auth, options.secrets, options.identities ?? createIdentities()),
    postForm: createPostForm(options.hosts ?? "anywhere"),
  };

  async function read(request: SignalRequest, abort: AbortSignal): Promise<SignalObservation> {
    const form = formOf(request).toString();
    for (let retries = RETRIES; ; retries -= 1) {
      try {
        const reply = await ask(asking, form, request.now, abort);
        return observationOf(reply, request.signal, stepOf(request.signal));
      } catch (error) {
        if (retries === 0 || !mayPass(error)) throw error;
        await pause(RETRY_PAUSE * 1000, undefined, { signal: abort });
      }
    }
  }

  return { fetch: (request, abort) => settle(abort, () => read(request, abort)) };
}
