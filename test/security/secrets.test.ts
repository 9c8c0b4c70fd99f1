import { afterEach, describe, expect, test, vi } from "vitest";
import type { SourceAuth } from "../../shared/policy/schema/signals.ts";
import { createPowertools } from "../../shared/telemetry/powertools.ts";
import { NOON } from "../support/fleet.ts";
import { matrix, reply, type SeenRequest, series, startScriptedPrometheus } from "../support/scripted-prometheus.ts";
import { ALERT_TOKEN, alertOf, METRIC_TOKEN, startWay, type Way, webhook } from "./whole-way.ts";

const BODY = webhook([alertOf({ alertname: "LlmQueueHigh" })]);
const BEARER: SourceAuth = { bearer: { tokenSecret: "metrics" } };
const BASIC: SourceAuth = { basic: { username: "vramp", passwordSecret: "metrics" } };

let way: Way | undefined;
afterEach(async () => {
  vi.restoreAllMocks();
  await way?.prometheus.stop();
  way = undefined;
});

/** Everything that is written to the log from now on. */
function listening(): readonly string[] {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  return written;
}

/** What the server was sent to know us by: the header, and what Basic makes of a password. */
const credentialsIn = (seen: readonly SeenRequest[]) =>
  seen.map(({ headers }) => headers.authorization?.split(" ").at(-1) ?? "");

describe("a secret turns up in no log, audit, memory or answer [T25]", () => {
  const sent = (auth: SourceAuth) =>
    auth === BEARER ? METRIC_TOKEN : Buffer.from(`vramp:${METRIC_TOKEN}`).toString("base64");
  const error = (text: string) => JSON.stringify({ status: "error", errorType: "bad_data", error: text });

  describe.each([
    ["a bearer token", BEARER],
    ["a password", BASIC],
  ])("%s", (_, auth) => {
    test.each([
      ["an error", (secret: string) => reply(error(`unexpected header ${secret}`), 400)],
      ["an error of the server's", (secret: string) => reply(error(`Authorization: Bearer ${secret}`), 503)],
      ["a warning", (secret: string) => matrix([series(NOON)], { warnings: [`cannot ask b as ${secret}`] })],
      ["a refusal", (secret: string) => reply(`<p>${secret} is wrong`, 401)],
      ["a name of a series", (secret: string) => matrix([series(NOON, { a: secret }), series(NOON, { b: secret })])],
      ["a redirect", (secret: string) => reply("", 302, { location: `/?token=${secret}` })],
    ])("that the metric source repeats in %s", async (_what, answer) => {
      const written = listening();
      way = await startWay({ answers: [answer(sent(auth))], auth, telemetry: createPowertools() });

      const answered = await way.post(BODY);

      const everything = [...written, JSON.stringify([answered, way.wakes]), await way.kept()].join("\n");
      vi.restoreAllMocks();
      expect(credentialsIn(way.prometheus.seen)).toContain(sent(auth));
      expect(everything).toContain("SignalUnknown");
      expect(everything).not.toContain(sent(auth));
      expect(everything).not.toContain("canary");
    });
  });

  test("the webhook's own token, when it is right and when it is wrong", async () => {
    const written = listening();
    way = await startWay({ answers: [matrix([])], telemetry: createPowertools() });

    const answers = [await way.post(BODY), await way.post(BODY, `${ALERT_TOKEN}x`), await way.post("{")];

    const everything = [...written, JSON.stringify([answers, way.wakes]), await way.kept()].join("\n");
    vi.restoreAllMocks();
    expect(answers.map(({ status }) => status)).toEqual([202, 401, 400]);
    expect(everything).not.toContain("canary");
  });
});

test("credentials go to the source they are for, and not where it redirects to [T9] [T25]", async () => {
  const elsewhere = await startScriptedPrometheus(NOON, [matrix([])]);
  way = await startWay({ answers: [reply("", 307, { location: elsewhere.url })], auth: BEARER });

  await way.post(BODY);
  await elsewhere.stop();

  expect(way.prometheus.seen).toHaveLength(1);
  expect(elsewhere.seen).toEqual([]);
});
