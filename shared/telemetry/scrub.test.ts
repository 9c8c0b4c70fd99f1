import { expect, test } from "vitest";
import { scrub, scrubAll } from "./scrub.ts";
import { clean } from "./telemetry.ts";

const CANARY = "c4n4ry0123456789abcdefABCDEF";

test.each([
  ["a bearer token", `Authorization: Bearer ${CANARY}`],
  ["a bearer token in JSON", `{"authorization":"bearer ${CANARY}=="}`],
  ["a password of Basic", `basic ${CANARY}==`],
  ["a JSON Web Token", `token eyJ${CANARY}.${CANARY}.${CANARY}`],
  ["a signature in an address", `GET /?X-Amz-Signature=${CANARY}&X-Amz-Security-Token=${CANARY}`],
  ["an AWS secret", `SecretAccessKey: '${CANARY}'`],
  ["a secret in JSON", `{"client_secret":"${CANARY}","refresh_token":"${CANARY}"}`],
  ["a webhook of Slack's", `https://hooks.slack.com/services/T000/B000/${CANARY}`],
  ["a password in an address", `https://me:${CANARY}@prom.example.com/api`],
  ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${CANARY}\n-----END RSA PRIVATE KEY-----`],
])("%s is taken out [T25]", (_, text) => {
  expect(scrub(text)).toContain("[secret]");
  expect(scrub(text)).not.toContain(CANARY);
  expect(JSON.stringify(scrubAll({ error: [{ [text]: text }] }))).not.toContain(CANARY);
});

test.each([
  "queue above 50 for 2m: yes, queue is 140 and has been for 2m",
  "https://prom.example.com:9090/api/v1/query_range?query=sum(q)",
  "the secret prom/token holds bytes instead of text; store it as a string",
  "BasicAuthFailures firing",
  "aws:///eu-central-1a/i-0abc",
])("%j stays as it is", (text) => expect(clean(text)).toBe(text));

test("lines, colours and hidden characters are taken out, keys and lists included [T6]", () => {
  const nasty = "a\r\n\u001b[31mb\u2028\u202Ec\u0000\u200B";
  expect(scrub(nasty)).toBe("a[31mbc");
  expect(scrubAll({ [nasty]: [nasty, 1, null, true, { [nasty]: nasty }] })).toEqual({
    "a[31mbc": ["a[31mbc", 1, null, true, { "a[31mbc": "a[31mbc" }],
  });
});

test("a secret that the limit would cut in two is taken out all the same [T25]", () => {
  expect(clean(`${"x".repeat(240)} Bearer ${CANARY}`)).not.toContain("c4n");
  expect(clean("y".repeat(5000))).toHaveLength(256);
});
