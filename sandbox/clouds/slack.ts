import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { listenOnLoopback } from "../../functions/http/listen.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import { createFaults, type Fault, type FaultKind } from "./faults.ts";

// Slack's own limits, in characters. It cuts longer texts off; here they are refused, for the end of a notice must not be lost.
export const MAX_TEXT = 40_000;
export const MAX_SECTION = 3000;
const MAX_BLOCKS = 50;
/** Requests are of a few KB; what is larger is a bug of the caller's. */
const BODY_LIMIT = 1024 * 1024;

const text = z.strictObject({
  type: z.enum(["mrkdwn", "plain_text"]),
  text: z.string().min(1).max(MAX_SECTION),
  verbatim: z.boolean().optional(),
});
const payload = z.strictObject({
  text: z.string().min(1).max(MAX_TEXT),
  blocks: z
    .array(z.strictObject({ type: z.literal("section"), text }))
    .max(MAX_BLOCKS)
    .optional(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});
export type SlackPayload = Readonly<z.output<typeof payload>>;

/** Slack's incoming webhooks on loopback. */
export interface SlackEmulator {
  readonly url: string;
  /** What was posted, in order. */
  readonly posted: readonly SlackPayload[];
  /** Every request's path and what it was answered; null when it was not. */
  readonly requests: readonly { readonly path: string; readonly status: number | null }[];
  /** Faults meet the operation `post`. */
  fault(fault: Omit<Fault, "operation">): void;
  /** What the next throttled requests are told to wait. */
  retryAfter(seconds: Seconds): void;
  /** From now on every request is sent there; null: none is. */
  redirectTo(url: string | null): void;
  stop(): Promise<void>;
}

/** What Slack would make of a text: mentions that call people, and links that they may follow. */
export const mentionsIn = ({ text, blocks = [] }: SlackPayload): readonly string[] => {
  const shown = [text, ...blocks.map((block) => block.text.text)].join("\n");
  return [...shown.matchAll(/<[^>]*>|@(?:here|channel|everyone)|\bhttps?:\/\/\S+/g)].map(([found]) => found);
};

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts it with one webhook, at this path. */
export async function startSlack(
  path = "/services/T00000000/B00000000/canarycanarycanarycanary",
): Promise<SlackEmulator> {
  const posted: SlackPayload[] = [];
  const requests: { path: string; status: number | null }[] = [];
  const faults = createFaults();
  let wait: Seconds = 30;
  let elsewhere: string | null = null;

  function take(incoming: IncomingMessage, body: string): Answer {
    if (incoming.method !== "POST") return { status: 405, body: "method_not_allowed" };
    if (incoming.url !== path) return { status: 404, body: "no_service" };
    if (!/^application\/json(;|$)/.test(incoming.headers["content-type"] ?? ""))
      return { status: 400, body: "invalid_payload" };
    const result = payload.safeParse(parsed(body));
    if (!result.success) return { status: 400, body: "invalid_payload" };
    posted.push(result.data);
    return { status: 200, body: "ok" };
  }

  function answerTo(incoming: IncomingMessage, body: string, fault: FaultKind | null): Answer | null {
    if (elsewhere !== null) return { status: 307, body: "", headers: { location: elsewhere } };
    switch (fault) {
      case null:
        return take(incoming, body);
      case "throttle":
        return { status: 429, body: "rate_limited", headers: { "retry-after": String(wait) } };
      case "5xx":
        return { status: 503, body: "<html>service unavailable</html>" };
      case "denied":
        return { status: 403, body: "action_prohibited" };
      case "badJson":
        return { status: 500, body: '{"truncated": ' };
      case "lost":
        take(incoming, body);
        return null;
      case "hang":
      case "reset":
        return null;
      default:
        return fault satisfies never;
    }
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const fault = faults.next("post");
    const answer = answerTo(incoming, body, fault);
    requests.push({ path: incoming.url ?? "", status: answer?.status ?? null });
    if (fault === "reset" || fault === "lost") response.destroy();
    if (answer !== null) response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const { url, stop } = await listenOnLoopback((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => response.writeHead(500).end(`emulator: ${String(error)}`));
  });
  return {
    url,
    posted,
    requests,
    fault: (fault) => faults.add({ ...fault, operation: "post" }),
    retryAfter: (seconds) => {
      wait = seconds;
    },
    redirectTo: (to) => {
      elsewhere = to;
    },
    stop,
  };
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error("the request is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
