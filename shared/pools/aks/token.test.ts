import { expect, it } from "vitest";
import { TOKEN_LIMIT } from "./limits.ts";
import { addressesIn, FINISHED, parseToken, startedToken } from "./token.ts";

it("gives back what was put in", () => {
  expect(parseToken(startedToken(12, "poller"))).toEqual({ kind: "started", at: 12, poller: "poller" });
  expect(parseToken(FINISHED)).toEqual({ kind: "finished" });
});

it("drops a poller that is too long for memory", () => {
  const token = startedToken(12, "x".repeat(TOKEN_LIMIT));

  expect(token.length).toBeLessThan(100);
  expect(parseToken(token)).toEqual({ kind: "started", at: 12, poller: null });
});

it.each(["", "{", "1", '{"kind":"started"}', "3f0c"])("knows %j for none of its own", (text) => {
  expect(parseToken(text)).toBeNull();
});

it("finds the addresses in a poller, and none where there is none", () => {
  const operationLocation = "https://management.azure.com/operations/1";
  const resourceLocation = "https://management.azure.com/pools/1";
  const poller = (config: object) => JSON.stringify({ state: { config } });

  expect(addressesIn(poller({ operationLocation, resourceLocation }))).toEqual([operationLocation, resourceLocation]);
  expect(new Set(addressesIn(poller({ operationLocation })))).toEqual(new Set([operationLocation]));
  expect(addressesIn(poller({}))).toEqual([]);
  expect(addressesIn("no poller")).toEqual([]);
});
