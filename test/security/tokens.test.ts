import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authorized, liveTokens } from "../../functions/alerts/auth.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";

// The one place where a test looks at how a thing is done: what a timing attack measures cannot be seen from outside.
const compared = vi.hoisted(() => vi.fn());
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    compared(a.byteLength, b.byteLength);
    return crypto.timingSafeEqual(a, b);
  };
  return { ...crypto, timingSafeEqual };
});

const NEW = "n".repeat(64);
const OLD = "o".repeat(64);

describe("a token", () => {
  beforeEach(() => compared.mockClear());
  afterEach(() => compared.mockClear());

  test.each([
    ["is the new one", `Bearer ${NEW}`, true],
    ["is the old one", `Bearer ${OLD}`, true],
    ["is right but for its first letter", `Bearer x${NEW.slice(1)}`, false],
    ["is right but for its last letter", `Bearer ${NEW.slice(1)}x`, false],
    ["is a part of the right one", `Bearer ${NEW.slice(0, 10)}`, false],
    ["is longer than the right one", `Bearer ${NEW}${NEW}`, false],
    ["is empty", "Bearer ", false],
    ["is missing", undefined, false],
    ["is no Base64", "Basic %%%", false],
    ["is of other characters", "Bearer \u00e9\u{1F600}", false],
  ])("that %s costs the same two comparisons of whole digests [T1]", (_, header, is) => {
    expect(authorized(header, [NEW, OLD])).toBe(is);
    expect(compared.mock.calls).toEqual([
      [32, 32],
      [32, 32],
    ]);
  });

  test("is changed without a gap: both count, and then the new one alone [T2]", async () => {
    const during = await liveTokens(createStaticSecrets({ t: `${NEW}\n${OLD}\n` }), "t");
    const after = await liveTokens(createStaticSecrets({ t: `${NEW}\n` }), "t");
    const counts = (token: string, tokens: readonly string[]) => authorized(`Bearer ${token}`, tokens);
    expect([counts(NEW, during), counts(OLD, during), counts(NEW, after), counts(OLD, after)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test.each(["", "guess", `${NEW}\nguess`, `${NEW}\n${OLD}\n${NEW}`])(
    "is refused when it can be guessed, or is one of too many: %j [T1]",
    async (held) => {
      await expect(liveTokens(createStaticSecrets({ t: held }), "t")).rejects.toThrow(/^secret t /);
      await expect(liveTokens(createStaticSecrets({ t: held }), "t")).rejects.not.toThrow(/guess|nnn|ooo/);
    },
  );
});
