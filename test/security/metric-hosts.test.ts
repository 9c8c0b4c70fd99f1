import { afterEach, describe, expect, test } from "vitest";
import { signal } from "../../shared/policy/schema/signals.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import {
  type AllowedHosts,
  guardedLookup,
  listedHosts,
  type Resolve,
  refuseHost,
} from "../../shared/signals/address-guard.ts";
import { SourceMisconfigured } from "../../shared/signals/errors.ts";
import { createPostForm } from "../../shared/signals/post-form.ts";
import { createSources } from "../../shared/signals/sources.ts";
import { matrix, type ScriptedPrometheus, series, startScriptedPrometheus } from "../support/scripted-prometheus.ts";

const NOW = 1795218624;
const never = new AbortController().signal;

let server: ScriptedPrometheus | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A server on loopback, and its address under a name that no resolver but ours knows. */
async function startUnder(name: string) {
  server = await startScriptedPrometheus(NOW, [
    (response) => response.writeHead(200, { connection: "close" }).end("{}"),
  ]);
  return { seen: server.seen, url: new URL(server.url.replace("127.0.0.1", name)) };
}

/** Gives these answers in turn: the name's owner changes them as he likes. */
function resolverOf(...answers: readonly (readonly string[])[]) {
  let asked = 0;
  const resolve: Resolve = (_, _options, done) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { resolve, asked: () => asked };
}

const refused = (host: string, allowed: AllowedHosts) => () => refuseHost(new URL(`http://${host}/`), allowed);

describe("a metadata service is never asked, however its address is written [T9]", () => {
  test.each([
    "169.254.169.254",
    "169.254.169.254:80",
    "2852039166",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.0xfe.0251.254",
    "１６９.254.169.254",
    "169。254。169。254",
    "169.254.170.2",
    "169.254.170.23",
    "168.63.129.16",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[::a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[::ffff:0:169.254.169.254]",
    "[fe80::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
  ])("%s", (host) => {
    for (const allowed of ["public", "anywhere", listedHosts(new URL(`http://${host}`).host)] as const)
      expect(refused(host, allowed)).toThrow(/metadata/);
  });
});

describe("a private address is not asked where only public ones are allowed [T9]", () => {
  const PRIVATE = [
    "127.0.0.1:9001",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0.0.0.0",
    "0",
    "10.1.2.3",
    "100.64.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[2002:a00:1::]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[ff02::1]",
  ];

  test.each(PRIVATE)("%s", (host) => {
    expect(refused(host, "public")).toThrow(/private.*VRAMP_METRIC_HOSTS/);
    expect(refused(host, "anywhere")).not.toThrow();
    expect(refused(host, listedHosts(new URL(`http://${host}`).host))).not.toThrow();
  });

  test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]", "[64:ff9b::808:808]", "[::ffff:8.8.8.8]"])(
    "but %s is public",
    (host) => expect(refused(host, "public")).not.toThrow(),
  );
});

describe("a list of hosts [T9]", () => {
  const listed = listedHosts("prom.example.com, Thanos.internal:10902\n");

  test.each([
    ["prom.example.com", true],
    ["PROM.example.com:9090", true],
    ["thanos.internal:10902", true],
    ["thanos.internal:80", false],
    ["prom.example.com.evil.net", false],
    ["evil.net", false],
    ["prom.example.com.", false],
    ["8.8.8.8", false],
  ])("%s is on it: %s", (host, isListed) => {
    if (isListed) expect(refused(host, listed)).not.toThrow();
    else expect(refused(host, listed)).toThrow(/not among the hosts/);
  });
});

describe("a name's address is judged where the connection is made [T9]", () => {
  test("and the connection goes to the address that was judged, which is looked up once", async () => {
    const { url, seen } = await startUnder("prom.invalid");
    const { resolve, asked } = resolverOf(["127.0.0.1"], ["169.254.169.254"]);

    expect(await createPostForm("anywhere", resolve)(url, new Headers(), "a=b", never)).toMatchObject({ status: 200 });

    expect(asked()).toBe(1);
    expect(seen.map((request) => request.headers.host)).toEqual([url.host]);
  });

  test("so that a name which changes between two requests gets nothing from the second", async () => {
    const { url, seen } = await startUnder("rebinding.invalid");
    const { resolve } = resolverOf(["127.0.0.1"], ["169.254.169.254"]);
    const post = createPostForm("anywhere", resolve);
    await post(url, new Headers(), "", never);

    await expect(post(url, new Headers(), "", never)).rejects.toThrow(SourceMisconfigured);

    expect(seen).toHaveLength(1);
  });

  test.each([
    ["one of several is a metadata service's", "anywhere", ["127.0.0.1", "169.254.169.254"]],
    ["it is one with a zone", "anywhere", ["fe80::1%eth0"]],
    ["it is private where only public ones are allowed", "public", ["93.184.216.34", "10.0.0.7"]],
  ] as const)("and refused when %s", async (_, allowed, addresses) => {
    const { url, seen } = await startUnder("prom.invalid");
    const { resolve } = resolverOf(addresses);

    await expect(createPostForm(allowed, resolve)(url, new Headers(), "", never)).rejects.toThrow(SourceMisconfigured);

    expect(seen).toEqual([]);
  });

  test("one address is given to whoever asks for one", async () => {
    const { resolve } = resolverOf(["93.184.216.34"]);
    const given = await new Promise((done) => {
      guardedLookup("public", resolve)("prom.example.com", {}, (...answer) => done(answer));
    });
    expect(given).toEqual([null, "93.184.216.34", 4]);
  });

  test("a name that is not known is for the connection to report", async () => {
    const gone: Resolve = (_, _options, done) => done(Object.assign(new Error("gone"), { code: "ENOTFOUND" }), []);
    const post = createPostForm("public", gone);
    await expect(post(new URL("http://prom.invalid/"), new Headers(), "", never)).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });
});

describe("a source that may not stand where it does [T9]", () => {
  const read = async (url: string, hosts: AllowedHosts) => {
    const source = await createSources({ secrets: createStaticSecrets({}), hosts }).open({ prometheus: { url } });
    const request = {
      name: "q",
      signal: signal.parse({ source: "p", query: "q", maxAge: "90s" }),
      window: 90,
      now: NOW,
    };
    return source.fetch(request, never);
  };

  test.each([
    ["on this machine", "public", /private/],
    ["on no list", listedHosts("prom.example.com"), /not among/],
  ] as const)("%s is unknown as misconfigured, and not asked", async (_, hosts, detail) => {
    server = await startScriptedPrometheus(NOW, [matrix([series(NOW)])]);

    expect(await read(server.url, hosts)).toMatchObject({
      why: "misconfigured",
      detail: expect.stringMatching(detail),
    });

    expect(server.seen).toEqual([]);
  });

  test("is read once the deployment lists it", async () => {
    server = await startScriptedPrometheus(NOW, [matrix([series(NOW)])]);

    expect(await read(server.url, listedHosts(new URL(server.url).host))).toMatchObject({ kind: "series" });
  });
});
