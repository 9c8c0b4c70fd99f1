import { afterEach, describe, expect, test } from "vitest";
import {
  type Answer,
  fixture,
  hang,
  matrix,
  reply,
  reset,
  type ScriptedPrometheus,
  series,
  startScriptedPrometheus,
} from "../../test/support/scripted-prometheus.ts";
import type { UnknownWhy } from "../model/signal.ts";
import { type Signal, signal as signalSchema } from "../policy/schema/signals.ts";
import { createStaticSecrets } from "../secrets/static.ts";
import { MAX_BODY, MAX_SERIES } from "./limits.ts";
import { createPrometheusSource, type PrometheusOptions } from "./prometheus.ts";

const NOW = 1795218624.161;
const SECRETS = createStaticSecrets({ token: "canary", broken: "canary\u0001" });
const signal = (over: object = {}): Signal =>
  signalSchema.parse({ source: "prom", query: "q", maxAge: "90s", ...over });
const bearer = (tokenSecret: string): Partial<PrometheusOptions> => ({ auth: { bearer: { tokenSecret } } });
const at = (time: number) => ({ date: new Date(time * 1000).toUTCString() });
const error = (errorType: string, text: string) => JSON.stringify({ status: "error", errorType, error: text });
const METRIC = { namespace: "AWS/SQS", name: "n", statistic: "Sum", period: "60s" };

interface Case {
  readonly when: string;
  /** What the server does; hangs if nothing is said, for cases that must not get so far. */
  readonly answer?: Answer;
  readonly signal?: Signal;
  readonly options?: Partial<PrometheusOptions>;
  /** Milliseconds until the deadline. */
  readonly deadline?: number;
  readonly detail: RegExp;
}

/** What a reading finds, not a source; and what the caller of `decide` leaves out. */
type NotFromASource = "empty" | "notANumber" | "sentinel" | "outOfRange" | "stale" | "notSupplied";

/** At least one way to each unknown that this source can give. The type keeps the list complete. */
const UNKNOWNS: Readonly<Record<Exclude<UnknownWhy, NotFromASource>, readonly Case[]>> = {
  timeout: [
    { when: "the server hangs [F29] [T10]", deadline: 50, detail: /deadline/ },
    {
      when: "the answer stops half-way [F29] [T10]",
      answer: (response) => void response.writeHead(200).write('{"status":'),
      deadline: 50,
      detail: /deadline/,
    },
    {
      when: "the secret store hangs",
      options: { ...bearer("token"), secrets: { get: () => new Promise(() => {}) } },
      deadline: 20,
      detail: /deadline/,
    },
    {
      when: "the server gives up [F29]",
      answer: reply(error("timeout", "query timed out"), 503),
      detail: /query timed out/,
    },
  ],
  unreachable: [
    { when: "the connection breaks [F29]", answer: reset, detail: /no connection to 127.0.0.1:\d+ \(ECONNRESET\)/ },
    { when: "nobody listens [F29]", options: { url: "http://127.0.0.1:2" }, detail: /127.0.0.1:2 \(ECONNREFUSED\)/ },
  ],
  denied: [
    { when: "it answers 401", answer: reply("", 401), options: bearer("token"), detail: /HTTP 401/ },
    { when: "it answers 403", answer: reply("no", 403), detail: /HTTP 403/ },
  ],
  noCredentials: [
    { when: "there is no such secret", options: bearer("missing"), detail: /no secret missing/ },
    {
      when: "the secret cannot be in a header [T25]",
      options: bearer("broken"),
      detail: /^the secret broken has characters/,
    },
  ],
  throttled: [{ when: "it answers 429", answer: reply("slow down", 429), detail: /fewer requests/ }],
  badQuery: [
    {
      when: "the query has no end",
      answer: reply(fixture("query-bad.json"), 400),
      detail: /unclosed left parenthesis/,
    },
    { when: "the step is too fine", answer: reply(fixture("query-range-bad.json"), 400), detail: /11,000 points/ },
    { when: "the query fails at length", answer: reply(fixture("query-422.json"), 422), detail: /duplicate.{150,}/ },
    {
      when: "the text holds control characters [T6]",
      answer: reply(error("bad_data", "a\u001b[31m\r\nb"), 400),
      detail: /: a\[31mb$/,
    },
    { when: "a proxy answers 400", answer: reply("<html>", 400), detail: /HTTP 400/ },
    { when: "the error comes with 200", answer: reply(error("bad_data", "odd")), detail: /bad_data: odd/ },
  ],
  serverError: [{ when: "it answers 502 [F29]", answer: reply("upstream gone", 502), detail: /HTTP 502/ }],
  redirected: [
    { when: "it answers 302 [T9]", answer: reply("", 302, { location: "/x" }), detail: /redirects \(HTTP 302\)/ },
  ],
  notJson: [
    { when: "the path is wrong", answer: reply(fixture("404.json"), 404), detail: /HTTP 404.*path/ },
    { when: "a log-in page answers", answer: reply("<html>log in</html>"), detail: /JSON/ },
    { when: "the JSON is absurdly deep [T10]", answer: reply("[".repeat(500_000)), detail: /JSON/ },
    { when: "the JSON is another API's", answer: reply('{"status":"success"}'), detail: /JSON/ },
    {
      when: "samples are out of order",
      answer: matrix([
        {
          metric: {},
          values: [
            [NOW, "1"],
            [NOW - 5, "2"],
          ],
        },
      ]),
      detail: /JSON/,
    },
  ],
  tooLarge: [
    {
      when: "the answer is huge [F47] [T10]",
      answer: reply(" ".repeat(MAX_BODY + 1)),
      detail: /larger than 2097152 bytes/,
    },
  ],
  tooManySeries: [
    {
      when: "nothing was aggregated [F38] [F47]",
      answer: matrix(Array.from({ length: MAX_SERIES + 1 }, () => series(NOW))),
      detail: /2001 series/,
    },
  ],
  partial: [
    {
      when: "it warns [F37]",
      answer: matrix([series(NOW)], { warnings: ["store b is\ngone"] }),
      detail: /store b isgone/,
    },
  ],
  wrongShape: [
    { when: "the query gives a scalar [F38]", answer: reply(fixture("query-scalar.json")), detail: /scalar/ },
    { when: "it answers an instant query [F38]", answer: reply(fixture("query-vector.json")), detail: /vector/ },
    {
      when: "the query gives a string [F38]",
      answer: reply('{"status":"success","data":{"resultType":"string","result":[1,"a"]}}'),
      detail: /string/,
    },
    {
      when: "the series is of histograms [F38]",
      answer: matrix([{ metric: {}, histograms: [] }]),
      detail: /histograms/,
    },
  ],
  severalSeries: [
    {
      when: "the query gives two [F38]",
      answer: matrix([series(NOW, { a: "1" }), series(NOW, { a: "2" })]),
      detail: /2 series/,
    },
    {
      when: "a node has two [F38]",
      answer: matrix([series(NOW, { provider_id: "n" }), series(NOW, { provider_id: "n" })]),
      signal: signal({ per: "node" }),
      detail: /node n/,
    },
  ],
  noNodeLabel: [
    {
      when: "a series names its node otherwise [F40]",
      answer: matrix([series(NOW, { node: "n" })]),
      signal: signal({ per: "node" }),
      detail: /provider_id/,
    },
  ],
  clockSkew: [
    {
      when: "its clock is ahead [F46]",
      answer: reply(fixture("query-range.json"), 200, at(NOW + 62)),
      detail: /ahead of ours/,
    },
    {
      when: "its clock is behind [F46]",
      answer: reply(fixture("query-range.json"), 200, at(NOW - 62)),
      detail: /behind ours/,
    },
  ],
  misconfigured: [
    { when: "the signal has no query", signal: signal({ query: undefined, metric: METRIC }), detail: /s has no query/ },
    { when: "the URL is a metadata service's [T9]", options: { url: "http://169.254.169.254/" }, detail: /metadata/ },
    { when: "it is, in IPv6 [T9]", options: { url: "http://[::ffff:169.254.169.254]/" }, detail: /metadata/ },
  ],
};

let prometheus: ScriptedPrometheus | undefined;
afterEach(async () => {
  await prometheus?.stop();
  prometheus = undefined;
});

describe.each(Object.entries(UNKNOWNS))("a signal is unknown, %s,", (why, cases) => {
  test.each(cases.map((each) => [each.when, each] as const))("when %s", async (_, each) => {
    prometheus = await startScriptedPrometheus(NOW, [each.answer ?? hang]);
    const source = createPrometheusSource({ url: prometheus.url, secrets: SECRETS, ...each.options });
    const request = { name: "s", signal: each.signal ?? signal(), window: 90, now: NOW };

    const observation = await source.fetch(request, AbortSignal.timeout(each.deadline ?? 10_000));

    expect(observation).toEqual({ kind: "unknown", why, detail: expect.stringMatching(each.detail) });
    const { detail } = observation.kind === "unknown" ? observation : { detail: "" };
    expect(detail.length).toBeLessThanOrEqual(256);
    expect(detail).not.toContain("canary");
  });
});
