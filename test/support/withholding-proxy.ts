import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import { bodyOf } from "./loopback.ts";

/** A network in front of a server that can lose answers: the request arrives and takes effect, and nobody hears of it. */
export interface WithholdingProxy {
  readonly url: string;
  /** From now on the answers to requests for these paths never arrive; null: all arrive. */
  withhold(path: RegExp | null): void;
  /** How many answers were withheld so far. */
  withheld(): number;
  stop(): Promise<void>;
}

export async function startWithholdingProxy(target: string): Promise<WithholdingProxy> {
  let lost: RegExp | null = null;
  let withheld = 0;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const { host: _, connection: __, "content-length": ___, ...kept } = request.headers;
    const headers = Object.entries(kept).flatMap(([k, v]): [string, string][] =>
      typeof v === "string" ? [[k, v]] : [],
    );
    const body = await bodyOf(request);
    const answer = await fetch(new URL(url, target), { method, headers, ...(method === "GET" ? {} : { body }) });
    const text = await answer.text();
    if (lost?.test(url) === true) {
      withheld += 1;
      return;
    }
    const type = answer.headers.get("content-type") ?? "application/json";
    response.writeHead(answer.status, { "content-type": type }).end(text);
  }

  const { url, stop } = await listenOnLoopback((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  return {
    url,
    withhold: (path) => {
      lost = path;
    },
    withheld: () => withheld,
    stop,
  };
}
