import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, Agent as TlsAgent } from "node:https";
import { type AllowedHosts, guardedLookup, type Resolve, refuseHost } from "./address-guard.ts";
import { SignalFault } from "./errors.ts";
import { MAX_BODY } from "./limits.ts";

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number;
  /** The server's `Date` header. */
  readonly date: string | null;
  readonly text: string;
}

/** Posts a form. Throws `SourceMisconfigured` for a host that may not be asked, `SignalFault` for an answer too large. */
export type PostForm = (url: URL, headers: Headers, form: string, abort: AbortSignal) => Promise<Answer>;

/**
 * Posts over Node's own HTTP rather than `fetch`, for `fetch` resolves a name where nobody can judge the address. Connections
 * are kept for the next post. Follows no redirect, heeds no proxy of the environment, and accepts no compressed answer, which
 * might unfold without end.
 */
export function createPostForm(allowed: AllowedHosts, resolve?: Resolve): PostForm {
  const connections = { keepAlive: true, lookup: guardedLookup(allowed, resolve) };
  const agents = { http: new Agent(connections), https: new TlsAgent(connections) };
  return async (url, headers, form, abort) => {
    refuseHost(url, allowed);
    const response = await new Promise<IncomingMessage>((answered, reject) => {
      const sent = { ...Object.fromEntries(headers), "accept-encoding": "identity" };
      const options = { method: "POST", headers: sent, signal: abort };
      const request =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, agent: agents.https }, answered)
          : httpRequest(url, { ...options, agent: agents.http }, answered);
      request.once("error", reject);
      request.end(form);
    });
    const { statusCode: status = 0, headers: given } = response;
    return { status, date: given.date ?? null, text: await readText(response) };
  };
}

/** Reads a body as text; beyond the limit the connection is ended. */
async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes: Buffer = chunk;
    size += bytes.byteLength;
    // Leaving the loop destroys the stream.
    if (size > MAX_BODY)
      throw new SignalFault("tooLarge", `the answer is larger than ${MAX_BODY} bytes; aggregate the query`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
