import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_SECTION, MAX_TEXT, mentionsIn, type SlackEmulator, startSlack } from "./slack.ts";

const PATH = "/services/T1/B1/x";
const JSON_TYPE = { "content-type": "application/json" };

describe("the Slack emulator", () => {
  let slack: SlackEmulator;
  beforeEach(async () => {
    slack = await startSlack(PATH);
  });
  afterEach(() => slack.stop());

  const post = async (body: string, path = PATH, headers: Record<string, string> = JSON_TYPE) => {
    const response = await fetch(slack.url + path, { method: "POST", headers, body, redirect: "manual" });
    return [response.status, await response.text()];
  };
  const section = (text: string) => ({ text: "t", blocks: [{ type: "section", text: { type: "mrkdwn", text } }] });

  it("takes a message", async () => {
    expect(await post(JSON.stringify({ text: "x".repeat(MAX_TEXT) }))).toEqual([200, "ok"]);
    expect(await post(JSON.stringify(section("x".repeat(MAX_SECTION))))).toEqual([200, "ok"]);
    expect(slack.posted).toHaveLength(2);
  });

  it.each([
    ["no JSON", '{"text": '],
    ["no text", "{}"],
    ["an empty text", '{"text":""}'],
    ["a text that is too long", JSON.stringify({ text: "x".repeat(MAX_TEXT + 1) })],
    ["a block that is too long", JSON.stringify(section("x".repeat(MAX_SECTION + 1)))],
    ["what it does not know", JSON.stringify({ text: "t", attachment: [] })],
  ])("refuses %s", async (_what, body) => {
    expect(await post(body)).toEqual([400, "invalid_payload"]);
    expect(slack.posted).toEqual([]);
  });

  it("refuses another webhook, another method and what is not said to be JSON", async () => {
    expect(await post("{}", "/services/T1/B1/y")).toEqual([404, "no_service"]);
    expect((await fetch(slack.url + PATH)).status).toBe(405);
    expect(await post('{"text":"t"}', PATH, { "content-type": "text/plain" })).toEqual([400, "invalid_payload"]);
  });

  it("shows what would call people or lead them elsewhere", () => {
    const text = "<!channel> @here <https://evil.example|click> https://evil.example &lt;!here&gt;";
    expect(mentionsIn({ text })).toEqual([
      "<!channel>",
      "@here",
      "<https://evil.example|click>",
      "https://evil.example",
    ]);
  });
});
