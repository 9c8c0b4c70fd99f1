import { afterEach, describe, expect, it } from "vitest";
import type { Wake } from "../../shared/model/observation.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { fleetOf, NOON } from "../../test/support/fleet.ts";
import { createAlertsHandler } from "../alerts/handler.ts";
import { type Listening, listenOnLoopback } from "../http/listen.ts";
import { startHttp } from "../http/server.ts";
import { CanaryLost, createCanaryHandler } from "./handler.ts";

const NEW = "n".repeat(43);
const OLD = "o".repeat(43);

let server: Listening;
afterEach(() => server.stop());

/** The canary's secret, and the real `alerts` behind HTTP with its own view of it. */
async function setUp({ secret = OLD, known = OLD }: { secret?: string; known?: string } = {}) {
  const counts: unknown[] = [];
  const wakes: Wake[] = [];
  const secrets = createStaticSecrets({ tokens: known });
  const alerts = createAlertsHandler({
    policy: async () => fleetOf(),
    queue: { send: async (sent) => void wakes.push(...sent) },
    secrets,
    tokenSecret: "tokens",
    telemetry: { ...SILENT, count: (...count) => void counts.push(count) },
    clock: () => NOON,
  });
  const invoke = () => Promise.reject(new Error("the canary invokes nothing"));
  server = await startHttp({ alerts, invoke, secrets, tokenSecret: "tokens" }, 0);
  return { canary: canaryTo(server.url, secret), counts, wakes };
}

const canaryTo = (url: string, secret = OLD) =>
  createCanaryHandler({
    url: `${url}/alerts`,
    secrets: createStaticSecrets({ tokens: secret }),
    tokenSecret: "tokens",
    clock: () => NOON,
  });

describe("the canary", () => {
  it("comes through as an alert does, is counted, and wakes nothing", async () => {
    const { canary, counts, wakes } = await setUp();
    await canary();
    expect(counts).toContainEqual(["AlertsIgnored", 1, "Canary"]);
    expect(counts).not.toContainEqual(["AlertsIgnored", 1, "NoMatchingWorkload"]);
    expect(wakes).toEqual([]);
  });

  it.each([
    ["has not read it yet", OLD],
    ["has", `${NEW}\n${OLD}`],
  ])("comes through while a new token is added, whether alerts %s or not", async (_, known) => {
    const { canary } = await setUp({ secret: `${NEW}\n${OLD}`, known });
    await expect(canary()).resolves.toHaveProperty("summary");
  });

  it("is lost, with the status, when it is refused", async () => {
    const { canary } = await setUp({ known: NEW });
    await expect(canary()).rejects.toThrow(/answered the canary with 401/);
  });

  it("is lost when it is led elsewhere, and the token does not follow", async () => {
    const paths: (string | undefined)[] = [];
    server = await listenOnLoopback(({ url }, response) => {
      paths.push(url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    await expect(canaryTo(server.url)()).rejects.toThrow(CanaryLost);
    expect(paths).toEqual(["/alerts"]);
  });

  it("is lost when nobody answers", async () => {
    const { canary } = await setUp();
    await server.stop();
    await expect(canary()).rejects.toThrow(/did not answer/);
  });
});
