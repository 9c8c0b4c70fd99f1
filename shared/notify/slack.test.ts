import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mentionsIn, type SlackEmulator, type SlackPayload, startSlack } from "../../sandbox/clouds/slack.ts";
import { everythingIn } from "../../test/support/secrets-in.ts";
import { createStaticSecrets } from "../secrets/static.ts";
import { NotSent } from "./errors.ts";
import { MAX_LINES } from "./limits.ts";
import { messageOf } from "./notice.fixture.ts";
import { createSlack, escapeSlack } from "./slack.ts";

const PATH = "/services/T1/B1/canary-webhook";
const WEBHOOK = `https://hooks.slack.com${PATH}`;

let slack: SlackEmulator;
beforeEach(async () => {
  slack = await startSlack(PATH);
});
afterEach(() => slack.stop());

const targetAt = (address: string, endpoint: string | undefined = slack.url) =>
  createSlack({ secretName: "vramp/slack", secrets: createStaticSecrets({ "vramp/slack": address }), endpoint });
const send = (more: Parameters<typeof messageOf>[0] = {}, target = targetAt(WEBHOOK)) =>
  target.send(messageOf(more), AbortSignal.timeout(60_000));
const failureOf = async (sending: Promise<void>): Promise<unknown> => sending.then(() => null).catch((error) => error);

const shown = ({ blocks = [] }: SlackPayload) => blocks.map((block) => block.text.text).join("\n");

describe("a message in Slack", () => {
  it("says what, why, what to do and where to look further, in this order", async () => {
    await send({ toDo: ["Raise it.", "Or wait."] });
    expect(slack.posted.map(shown)).toEqual([
      [
        "*[prod] scaled: llm: 2 → 4 nodes*",
        "About: prod / llm",
        "What:",
        "• 2 → 4 nodes",
        "• spot 2 → 4",
        "Why: RuleMatched: queue is 120, above 50 for 2m",
        "To do:",
        "• Raise it.",
        "• Or wait.",
        "More: vramp explain llm",
      ].join("\n"),
    ]);
  });

  it("stays within what a block takes", async () => {
    const long = Array.from({ length: MAX_LINES }, () => "<".repeat(256));
    await send({ what: long, why: long, toDo: long });
    expect(slack.posted.map(shown)).toEqual([
      expect.stringMatching(/\nWhy:\n.*\nTo do:\n.*\nMore: vramp explain llm$/s),
    ]);
  });

  it.each([
    ["<!channel>", "&lt;!channel&gt;"],
    ["<!here|now> & <@U123>", "&lt;!here|now&gt; &amp; &lt;＠U123&gt;"],
    ["@here @channel @everyone", "＠here ＠channel ＠everyone"],
    ["<https://evil.example|click>", "&lt;https[:]//evil.example|click&gt;"],
    ["&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"],
    ["queue is 120 > 50", "queue is 120 &gt; 50"],
  ])("shows %s as it is, and it calls nobody and leads nowhere [T7]", async (text, escaped) => {
    expect(escapeSlack(text)).toBe(escaped);
    await send({ headline: text, what: [text], why: [text], toDo: [text] });
    expect(slack.posted.flatMap(mentionsIn)).toEqual([]);
    expect(slack.posted[0]?.blocks?.every((block) => block.text.verbatim)).toBe(true);
  });

  it("calls nobody, whatever a text holds [T7]", () => {
    const part = fc.constantFrom("<", ">", "&", "!", "@", "channel", "here", "http", "://", "|", "lt;", "#", " ", "x");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = escapeSlack(parts.join(""));
        expect(mentionsIn({ text })).toEqual([]);
        const read = text.replaceAll("[:]//", "://").replaceAll("＠", "@");
        const unescaped = read.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
        expect(unescaped).toBe(parts.join(""));
      }),
    );
  });
});

describe("a webhook's address", () => {
  it.each([
    "https://hooks.slack.com/services/T1/B1/canary-webhook",
    "https://hooks.slack-gov.com/services/T1/B1/canary-webhook\n",
  ])("may be %s", async (address) => {
    await send({}, targetAt(address));
    expect(slack.requests).toEqual([{ path: PATH, status: 200 }]);
  });

  it.each([
    ["over http", `http://hooks.slack.com${PATH}`],
    ["at another host", `https://evil.example${PATH}`],
    ["at a host that begins alike", `https://hooks.slack.com.evil.example${PATH}`],
    ["with a user", `https://hooks.slack.com@evil.example${PATH}`],
    ["with a user of Slack's", `https://user:canary@hooks.slack.com${PATH}`],
    ["at another port", `https://hooks.slack.com:8443${PATH}`],
    ["at a metadata service", "http://169.254.169.254/canary"],
    ["no address at all", "canary"],
  ])("may not be %s, and the message says so without it [T9] [T25]", async (_what, address) => {
    for (const endpoint of [slack.url, undefined]) {
      const error = await failureOf(createTarget(address, endpoint));
      expect(error).toBeInstanceOf(NotSent);
      expect(everythingIn(error)).toContain("vramp/slack");
      expect(everythingIn(error)).not.toContain("canary");
    }
    expect(slack.requests).toEqual([]);
  });

  it("may be where the deployment says that Slack is", async () => {
    await send({}, targetAt(slack.url + PATH));
    expect(slack.posted).toHaveLength(1);
  });

  const createTarget = (address: string, endpoint: string | undefined) =>
    createSlack({
      secretName: "vramp/slack",
      secrets: createStaticSecrets({ "vramp/slack": address }),
      endpoint,
    }).send(messageOf(), AbortSignal.timeout(60_000));
});

describe("Slack that does not take a message", () => {
  it.each([
    ["5xx", /answered 503 to/],
    ["denied", /answered 403 \(action_prohibited\)/],
    ["throttle", /answered 429 \(rate_limited\)/],
    ["badJson", /answered 500 to/],
    ["reset", /did not answer/],
    ["lost", /did not answer/],
  ] as const)("is told apart, without the webhook's address: %s [F88] [T25]", async (kind, expected) => {
    slack.fault({ kind });
    const error = await failureOf(send());
    expect(error).toMatchObject({ name: "NotSent", message: expect.stringMatching(expected) });
    expect(everythingIn(error)).not.toContain("canary");
  });

  it("says how long to wait", async () => {
    slack.retryAfter(90);
    slack.fault({ kind: "throttle" });
    expect(await failureOf(send())).toMatchObject({ retryAfter: 90 });
  });

  it("is not followed elsewhere [T9]", async () => {
    const elsewhere = await startSlack(PATH);
    slack.redirectTo(elsewhere.url + PATH);
    expect(await failureOf(send())).toMatchObject({ message: expect.stringMatching(/answered 307/) });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });

  it("is given up when the time is over", async () => {
    slack.fault({ kind: "hang" });
    const over = new AbortController();
    const sending = failureOf(targetAt(WEBHOOK).send(messageOf(), over.signal));
    over.abort();
    expect(await sending).toBeInstanceOf(NotSent);
  });
});
