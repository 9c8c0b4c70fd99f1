import type { Notice } from "../model/notice.ts";
import type { Seconds } from "../policy/units.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { NotSent } from "./errors.ts";
import { MAX_ANSWER } from "./limits.ts";
import type { Target } from "./target.ts";
import { partsOf, titleOf } from "./text.ts";

/** Where incoming webhooks are: Slack's, and that of its US government customers. */
const HOSTS: ReadonlySet<string> = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);

/** Characters in a block's text; Slack refuses more. */
const MAX_BLOCK = 3000;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "＠" };

/**
 * A text that Slack shows as it is: its three control characters escaped, no `@here`, and no address that becomes a link.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export const escapeSlack = (text: string): string =>
  text.replace(/[&<>@]/g, (char) => ESCAPES[char] ?? char).replaceAll("://", "[:]//");

const block = (text: string) => ({
  type: "section",
  // Verbatim: Slack makes no links and no mentions of what merely looks like one.
  text: { type: "mrkdwn", text: text.slice(0, MAX_BLOCK), verbatim: true },
});

/** A notice as an incoming webhook takes it. `text` is what notifications show. */
export function slackMessage(notice: Notice): object {
  const title = escapeSlack(titleOf(notice));
  return {
    text: title,
    blocks: [`*${title}*`, ...partsOf(notice, escapeSlack)].map(block),
    unfurl_links: false,
    unfurl_media: false,
  };
}

function retryAfterOf(response: Response): Seconds | null {
  const header = response.headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(header) ? Number(header) : null;
}

/** Slack says what is wrong in one word, such as `channel_is_archived`. Anything else is not repeated. */
async function wordIn(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  const text = Buffer.from(first?.value ?? [])
    .subarray(0, MAX_ANSWER)
    .toString()
    .trim();
  return /^[a-z_]{1,64}$/.test(text) ? ` (${text})` : "";
}

export interface SlackOptions {
  /** The secret that holds the webhook's address. */
  readonly secretName: string;
  readonly secrets: Secrets;
  /** Where Slack is, when it is not where it always is: an emulator, a proxy, something that speaks as Slack does. */
  readonly endpoint?: string | undefined;
}

/** An incoming webhook of Slack's. No redirect is followed, for the message is for this address alone. */
export function createSlack({ secretName, secrets, endpoint }: SlackOptions): Target {
  const elsewhere = endpoint === undefined ? null : new URL(endpoint);

  async function webhook(): Promise<URL> {
    const address = (await secrets.get(secretName)).trim();
    const url = URL.canParse(address) ? new URL(address) : null;
    if (url !== null && url.username === "" && url.protocol === "https:" && HOSTS.has(url.host))
      return elsewhere === null ? url : new URL(`${url.pathname}${url.search}`, elsewhere);
    if (url !== null && elsewhere !== null && url.origin === elsewhere.origin) return url;
    throw new NotSent(
      `the secret ${secretName} holds no address of a Slack webhook, https://${[...HOSTS][0]}/services/…; put one there`,
    );
  }

  return {
    async send({ notice }, abort) {
      const url = await webhook();
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify(slackMessage(notice)),
        redirect: "manual",
        signal: abort,
      }).catch(() => {
        // Without its cause, which may quote the address.
        throw new NotSent("Slack did not answer; vramp tries again");
      });
      if (response.ok) {
        await response.body?.cancel();
        return;
      }
      const word = await wordIn(response);
      throw new NotSent(
        `Slack answered ${response.status}${word} to the webhook in the secret ${secretName}; ` +
          (response.status === 429
            ? "vramp waits as it asks"
            : "check that the webhook and its channel are still there"),
        retryAfterOf(response),
      );
    },
  };
}
