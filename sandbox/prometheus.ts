import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listening, listenOnLoopback } from "../functions/http/listen.ts";
import type { Clock } from "../shared/model/clock.ts";
import { parseDuration } from "../shared/policy/units.ts";
import type { MetricStore } from "./fleet/metrics.ts";
import { evaluateRange, UnknownQuery } from "./promql.ts";

/** As in Prometheus: a sample speaks for five minutes unless the query says otherwise. */
const DEFAULT_LOOKBACK = 300;
const MAX_POINTS = 11_000;

interface Answer {
  readonly status: number;
  readonly body: object;
}

const bad = (error: string): Answer => ({ status: 400, body: { status: "error", errorType: "bad_data", error } });

/** A number of seconds as the API takes it: plain, or a duration with a unit. */
const secondsOf = (text: string | null): number =>
  text === null ? Number.NaN : Number.isFinite(Number(text)) ? Number(text) : parseDuration(text);

/** A value as the API gives it: text, with Go's words for what JSON has no number for. */
const valueText = (value: number): string =>
  Number.isNaN(value) ? "NaN" : Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";

function queryRange(form: URLSearchParams, store: MetricStore): Answer {
  const query = form.get("query") ?? "";
  const [start, end, step] = ["start", "end", "step"].map((name) => secondsOf(form.get(name)));
  if (start === undefined || end === undefined || step === undefined || !(end >= start) || !(step > 0)) {
    return bad("invalid parameter: start, end and step must be numbers of seconds, and end not before start");
  }
  if ((end - start) / step > MAX_POINTS) return bad("exceeded maximum resolution of 11,000 points per timeseries.");
  const lookback = form.has("lookback_delta") ? secondsOf(form.get("lookback_delta")) : DEFAULT_LOOKBACK;
  try {
    const series = evaluateRange(query, { start, end, step, lookback }, store);
    const result = series.map(({ metric, values }) => ({ metric, values: values.map(([t, v]) => [t, valueText(v)]) }));
    return { status: 200, body: { status: "success", data: { resultType: "matrix", result } } };
  } catch (error) {
    if (error instanceof UnknownQuery) return bad(`invalid parameter "query": ${error.message}`);
    throw error;
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const url = new URL(request.url ?? "/", "http://prometheus");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return new URLSearchParams([...url.searchParams, ...new URLSearchParams(Buffer.concat(chunks).toString("utf8"))]);
}

/**
 * The Prometheus HTTP API, `query_range` and a little of its language, over what the sandbox's fleet exported, for machines
 * without Prometheus; its clock is the sandbox's.
 */
export function startSandboxPrometheus(store: MetricStore, now: Clock): Promise<Listening> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.sendDate = false;
    response.setHeader("date", new Date(now() * 1000).toUTCString());
    const { pathname } = new URL(request.url ?? "/", "http://prometheus");
    if (pathname !== "/api/v1/query_range") return void response.writeHead(404).end("404 page not found\n");
    const { status, body } = queryRange(await formOf(request), store);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  return listenOnLoopback((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
}
