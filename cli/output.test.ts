import { describe, expect, test } from "vitest";
import { painter } from "./output.ts";

const TTY = { isTTY: true };
const PIPE = { isTTY: false };

describe("colours", () => {
  const red = (...args: Parameters<typeof painter>) => painter(...args)("red", "x");

  test("are for a person at a terminal", () => {
    expect(red(TTY, true, {})).toBe("\u001b[31mx\u001b[39m");
    expect(red(PIPE, true, {})).toBe("x");
  });

  test.each([
    ["--no-color", false, {}],
    ["NO_COLOR", true, { NO_COLOR: "1" }],
    ["a dumb terminal", true, { TERM: "dumb" }],
  ])("are left out with %s", (_what, wanted, env) => {
    expect(red(TTY, wanted, env)).toBe("x");
  });

  test("stay with an empty NO_COLOR, as no-color.org has it", () => {
    expect(red(TTY, true, { NO_COLOR: "" })).not.toBe("x");
  });
});
