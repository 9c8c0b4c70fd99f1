import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_LINE_BYTES } from "./limits.ts";
import { collect } from "./line.fixture.ts";
import { linesOf } from "./lines.ts";

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (let i = 0; from < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

const split = async (text: string, sizes: readonly number[] = [64 * 1024]) =>
  (await collect(linesOf(chunked(Buffer.from(text), sizes)))).flat();
const textsOf = async (text: string, sizes?: readonly number[]) =>
  (await split(text, sizes)).map((line) => (line.kind === "text" ? line.text : line.kind));

describe("lines", () => {
  test("are the same however the bytes are cut into chunks", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    const text = fc.array(fc.string({ unit: "binary" }).map((line) => line.replaceAll("\n", "")));
    await fc.assert(
      fc.asyncProperty(text, sizes, async (lines, cut) => {
        expect(await textsOf(lines.map((line) => `${line}\n`).join(""), cut)).toEqual(
          lines.map((line) => Buffer.from(line).toString()),
        );
      }),
    );
  });

  test("are numbered from 1, blank ones too, and the last needs no end", async () => {
    expect(await split("a\n\nb")).toEqual([
      { number: 1, kind: "text", text: "a" },
      { number: 2, kind: "text", text: "" },
      { number: 3, kind: "text", text: "b" },
    ]);
  });

  test("over the limit are named, whole or in parts, and the next is whole", async () => {
    const most = "x".repeat(MAX_LINE_BYTES);
    const lines = await textsOf(`${most}\n${most}y\nafter\n${most}${most}`);
    expect(lines.map((line) => (line === most ? "most" : line))).toEqual(["most", "tooLong", "after", "tooLong"]);
  });
});
