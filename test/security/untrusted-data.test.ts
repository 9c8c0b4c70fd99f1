import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { notification } from "../../functions/alerts/alertmanager.ts";
import { MAX_NESTING } from "../../functions/alerts/limits.ts";
import { request } from "../../functions/invoke/request.ts";
import { loadPolicy } from "../../shared/policy/load.ts";
import { canonicalJson } from "../../shared/policy/revision.ts";
import { parseReply } from "../../shared/signals/prometheus-reply.ts";
import { parseWake } from "../../shared/wake/message.ts";
import { alertOf, webhook } from "./whole-way.ts";

const EXAMPLE = readFileSync("examples/fleet/policy.yaml", "utf8");
const messagesOf = (text: string) => {
  const loaded = loadPolicy(text, "policy.yaml");
  return loaded.ok ? [] : loaded.issues.map(({ message }) => message);
};

describe("a policy that is a burden ends with a finding, before the time of a test is over [T12]", () => {
  const letters = "ABCDEFGHI".split("");
  const laughs = letters.map((c, i) => `${c}: &${c} [${Array(9).fill(i === 0 ? "x" : `*${letters[i - 1]}`)}]`);

  test.each([
    ["nine aliases that unfold into a billion", laughs.join("\n"), /unfold into more than 100 copies/],
    ["60,000 uses of one alias", `a: &a 1\nb: [${Array(60_000).fill("*a").join(",")}]`, /more than 1000 aliases/],
    [
      "10,000 aliases of values of their own",
      `a: [${Array.from({ length: 10_000 }, (_, i) => `&n${i} 1, *n${i}`).join(",")}]`,
      /more than 1000 aliases/,
    ],
    ["60,000 aliases of nothing", `a: [${Array(60_000).fill("*a").join(",")}]`, /`\*a` refers to nothing/],
    ["24,000 keys of its own", Array.from({ length: 24_000 }, (_, i) => `k${i}: 1`).join("\n"), /no `version`/],
    ["20,000 keys that are one", "a: 1\n".repeat(20_000), /`a` stands here twice/],
    ["50,000 lists in lists", "[".repeat(50_000) + "]".repeat(50_000), /Maximum call stack/],
    ["50,000 documents", "---\n".repeat(50_000), /a second document starts here/],
    ["a megabyte", `#${"x".repeat(1_000_000)}`, /a policy may have 262144/],
  ])("%s", (_, text, message) => {
    expect(messagesOf(text)).toContainEqual(expect.stringMatching(message));
  });

  test("a hundred honest aliases are read", () => {
    const pools = Array.from({ length: 99 }, () => "- *zone").join("\n    ");
    expect(messagesOf(`zones: &zone Europe/Berlin\nx:\n    ${pools}`).join()).not.toContain("alias");
  });
});

describe("YAML's own traps [T12]", () => {
  test.each([
    ["a merge key is no merge", `${EXAMPLE}\nx: &x { mode: observe }\ny: { <<: *x }\n`, /unknown|`x`|`<<`/],
    ["a custom tag", EXAMPLE.replace("fleet: ", "fleet: !!js/function "), /tag/],
    ["binary", EXAMPLE.replace("fleet: ", "fleet: !!binary "), /tag|`fleet`/],
    ["a key that stands twice", `${EXAMPLE}\nfleet: other\n`, /twice/],
  ])("%s is refused", (_, text, message) => {
    expect(messagesOf(text).join("\n")).toMatch(message);
  });

  test.each(["__proto__", "constructor", "prototype"])("the key %s is refused at any depth [T13]", (key) => {
    const texts = [
      `${EXAMPLE}\n${key}: { mode: observe }\n`,
      EXAMPLE.replace("workloads:\n", `workloads:\n  ${key}: {}\n`),
    ];
    for (const text of [...texts, EXAMPLE.replace("signals:\n", `signals:\n  "${key}": { x: { ${key}: 1 } }\n`)])
      expect(messagesOf(text)).toContainEqual(`the key \`${key}\` is not allowed`);
  });

  test("1.1's booleans and sexagesimals are text [T12]", () => {
    const issues = loadPolicy(EXAMPLE.replace("fleet: ", "fleet: on #"), "policy.yaml");
    expect(issues).toMatchObject({ ok: true, policy: { fleet: "on" } });
  });
});

describe("an object's own parts as keys of JSON [T13]", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).toSorted();
  afterEach(() => {
    expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(before);
    expect({}).not.toHaveProperty("polluted");
  });

  const evil = ["__proto__", "constructor", "prototype"];
  const texts = fc.constantFrom(
    webhook([alertOf({ alertname: "A" })]),
    '{"action":"hold","workload":"llm","for":"1h","reason":"r","nodes":1}',
    '{"workload":"llm","trigger":"tick","cause":"c","at":1,"key":"k"}',
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1,"1"]]}]}}',
  );
  /** The text with such a key put in behind one of its opening braces. */
  const poisoned = fc.tuple(texts, fc.nat(20), fc.constantFrom(...evil)).map(([text, where, key]) => {
    const braces = [...text.matchAll(/\{/g)].map(({ index }) => index + 1);
    const at = braces[where % braces.length] ?? 1;
    const comma = text[at] === "}" ? "" : ",";
    return `${text.slice(0, at)}"${key}":{"polluted":true,"prototype":{"polluted":true}}${comma}${text.slice(at)}`;
  });
  const attempt = (read: () => unknown) => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  /** No object in it has another prototype than objects have. */
  const isPlain = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    ([Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value)) &&
      Object.values(value).every(isPlain));

  test("reach no prototype, whichever reader takes them", () => {
    fc.assert(
      fc.property(poisoned, (text) => {
        const readers = [
          () => notification.safeParse(JSON.parse(text)).data,
          () => request.safeParse(JSON.parse(text)).data,
          () => parseWake(text),
          () => parseReply(text),
          () => JSON.parse(canonicalJson(JSON.parse(text))),
        ];
        for (const read of readers) expect(isPlain(attempt(read))).toBe(true);
        expect({}).not.toHaveProperty("polluted");
      }),
      { numRuns: 200 },
    );
  });
});

test("a metric source's answer may nest as deep as it likes: it is no answer, and nothing breaks [T10]", () => {
  const nested = "[".repeat(400_000) + "]".repeat(400_000);
  expect(parseReply(nested)).toBeNull();
  expect(parseReply(`{"status":"success","data":${nested}}`)).toBeNull();
  expect(MAX_NESTING).toBeLessThan(400_000);
});
