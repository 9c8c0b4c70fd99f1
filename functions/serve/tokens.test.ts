import { describe, expect, it } from "vitest";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { liveTokens } from "../alerts/auth.ts";
import { Misconfigured } from "../runtime.ts";
import { type TokenNames, type Tokens, tokensFor } from "./tokens.ts";

const ALERTS = "a".repeat(40);
const INVOKE = "i".repeat(40);
const secrets = createStaticSecrets({ alerts: ALERTS, invoke: INVOKE });
const LOOPBACK = { host: "127.0.0.1", port: 8787 };
const OPEN = { host: "0.0.0.0", port: 8787 };

const live = ({ secrets: from, tokenSecret }: Tokens) => liveTokens(from, tokenSecret);

describe("tokens", () => {
  it("are those of the secrets that are named, each path's own", async () => {
    const { alerts, invoke, made } = tokensFor({ alerts: "alerts", invoke: "invoke" }, OPEN, secrets);
    expect([await live(alerts), await live(invoke), made]).toEqual([[ALERTS], [INVOKE], null]);
  });

  it("are made for a run that only this machine reaches, and differ from run to run", async () => {
    const { alerts, invoke, made } = tokensFor({ alerts: null, invoke: null }, LOOPBACK, secrets);
    expect([await live(alerts), await live(invoke)]).toEqual([[made], [made]]);
    expect(tokensFor({ alerts: null, invoke: null }, LOOPBACK, secrets).made).not.toBe(made);
  });

  it.each<TokenNames>([
    { alerts: null, invoke: null },
    { alerts: "alerts", invoke: null },
    { alerts: null, invoke: "invoke" },
  ])("are asked for where others can come: %o is refused", (names) => {
    expect(() => tokensFor(names, OPEN, secrets)).toThrow(Misconfigured);
  });

  it("made for operators alone do not open /alerts [T20]", async () => {
    const { alerts, made } = tokensFor({ alerts: "alerts", invoke: null }, LOOPBACK, secrets);
    expect(await live(alerts)).not.toContain(made);
  });
});
