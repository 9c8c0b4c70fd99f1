import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { bodyOf } from "./loopback.ts";

/** What a scripted Prometheus does with one request. */
export type Answer = (response: ServerResponse) => void;

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedPrometheus {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

/** A recorded answer of Prometheus 2.42. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/prometheus/${name}`, import.meta.url), "utf8");

/** An answer with this body. */
export const reply =
  (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  };

/** A successful answer to a range query with these series. */
export const matrix = (result: readonly object[], more: object = {}): Answer =>
  reply(JSON.stringify({ status: "success", data: { resultType: "matrix", result }, ...more }));

/** One series of an answer: 1 at this time. */
export const series = (at: EpochSeconds, metric: object = {}): object => ({ metric, values: [[at, "1"]] });

export const reset: Answer = (response) => response.destroy();
export const hang: Answer = () => {};

/** Starts a Prometheus whose clock stands at `now` and that gives these answers in turn, the last one again and again. */
export async function startScriptedPrometheus(
  now: EpochSeconds,
  answers: readonly Answer[],
): Promise<ScriptedPrometheus> {
  const seen: SeenRequest[] = [];
  const server = await listenOnLoopback(async (request, response) => {
    response.setHeader("date", new Date(now * 1000).toUTCString());
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: await bodyOf(request) });
    (answers[seen.length - 1] ?? answers.at(-1) ?? hang)(response);
  });
  return { ...server, seen };
}
