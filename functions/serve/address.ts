import { BlockList, isIP } from "node:net";
import type { Address } from "../http/listen.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Only processes of this machine reach it. */
export const isLoopback = ({ host }: Address): boolean => LOOPBACK.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");

/**
 * `127.0.0.1:8787` or `[::1]:8787` as an address; null for anything else. A name is not taken: what it stands for decides
 * whether tokens are needed, and may change.
 */
export function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port <= 65_535)) return null;
  if (bracketed !== undefined && isIP(bracketed) === 6) return { host: bracketed, port };
  if (plain !== undefined && isIP(plain) === 4) return { host: plain, port };
  return null;
}
