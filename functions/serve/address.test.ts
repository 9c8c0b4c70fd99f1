import { expect, it } from "vitest";
import { isLoopback, parseAddress } from "./address.ts";

it.each([
  ["127.0.0.1:8787", { host: "127.0.0.1", port: 8787 }, true],
  ["127.9.9.9:0", { host: "127.9.9.9", port: 0 }, true],
  ["[::1]:65535", { host: "::1", port: 65_535 }, true],
  ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }, false],
  ["[::]:80", { host: "::", port: 80 }, false],
  ["[::ffff:10.0.0.1]:80", { host: "::ffff:10.0.0.1", port: 80 }, false],
  ["10.0.0.1:80", { host: "10.0.0.1", port: 80 }, false],
])("%s is an address, and whether others reach it is known", (text, address, loopback) => {
  const parsed = parseAddress(text);
  expect(parsed).toEqual(address);
  expect(parsed !== null && isLoopback(parsed)).toBe(loopback);
});

it.each([
  "8787",
  ":8787",
  "localhost:8787",
  "127.0.0.1",
  "127.0.0.1:65536",
  "::1:80",
  "[127.0.0.1]:80",
  "1.2.3.4:-1",
  "",
])("%j is no address", (text) => expect(parseAddress(text)).toBeNull());
