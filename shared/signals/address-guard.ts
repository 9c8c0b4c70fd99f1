import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { SourceMisconfigured } from "./errors.ts";

/**
 * Where metric sources may stand. `public`: anywhere that the whole internet can reach. A set of names, each `host` or
 * `host:port`: these and no others, in private networks too, for whoever deployed vramp vouches for them. `anywhere`: on this
 * machine and in its network too, for a process of one's own. A cloud's metadata service is never asked.
 */
export type AllowedHosts = "anywhere" | "public" | ReadonlySet<string>;

/** The names in a deployment's list, which commas or spaces part. */
export const listedHosts = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((host) => host !== ""),
  );

/** How names become addresses: `dns.lookup` with all addresses asked for. Another one in tests. */
export type Resolve = (
  hostname: string,
  options: { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** IPv4 ranges together with every IPv6 form that a translator or an old stack takes for them. */
function ranges(...v4: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of v4) {
    list.addSubnet(network, prefix, "ipv4"); // and ::ffff:a.b.c.d, which the list itself takes for it
    list.addSubnet(`::${network}`, 96 + prefix, "ipv6"); // IPv4-compatible
    list.addSubnet(`::ffff:0:${network}`, 96 + prefix, "ipv6"); // SIIT
    list.addSubnet(`64:ff9b::${network}`, 96 + prefix, "ipv6"); // NAT64, which AWS offers in IPv6 subnets
    const hex = Buffer.from(network.split(".").map(Number)).toString("hex");
    list.addSubnet(`2002:${hex.slice(0, 4)}:${hex.slice(4)}::`, 16 + prefix, "ipv6"); // 6to4
  }
  return list;
}

/**
 * Where clouds serve credentials to whoever asks: link-local addresses (169.254.169.254 on all three clouds,
 * 169.254.170.2 for ECS, 169.254.170.23 for EKS pods), their own IPv6 ones, and Azure's wire server.
 */
const METADATA = ranges(["169.254.0.0", 16], ["168.63.129.16", 32]);
METADATA.addSubnet("fe80::", 10, "ipv6");
METADATA.addSubnet("fd00:ec2::", 32, "ipv6");
METADATA.addAddress("fd20:ce::254", "ipv6");

/** What the internet does not route: IANA's special-purpose registries, multicast included. */
const PRIVATE = ranges(
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
);
for (const [network, prefix] of [
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv6");

/** Why an address, or the host that it is of, may not be asked; null if it may. */
function refusal(address: string, host: string, allowed: AllowedHosts): SourceMisconfigured | null {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (METADATA.check(address, family))
    return new SourceMisconfigured(
      `${host} is a cloud's metadata address, which is never asked; correct the source's url`,
    );
  if (allowed === "public" && PRIVATE.check(address, family))
    return new SourceMisconfigured(
      `${host} is at a private address, which this deployment does not allow; list the host in VRAMP_METRIC_HOSTS`,
    );
  return null;
}

/** Throws `SourceMisconfigured` if the URL's host, by its name or as the address that it is, may not be asked. */
export function refuseHost({ host, hostname }: URL, allowed: AllowedHosts): void {
  if (typeof allowed === "object" && !allowed.has(hostname) && !allowed.has(host))
    throw new SourceMisconfigured(
      `${host} is not among the hosts that this deployment allows; list it in VRAMP_METRIC_HOSTS`,
    );
  const address = hostname.replace(/^\[|\]$/g, "");
  const refused = isIP(address) === 0 ? null : refusal(address, hostname, allowed);
  if (refused !== null) throw refused;
}

/**
 * The `lookup` of a connection that goes to no forbidden address: a name is resolved once, every address it has is judged,
 * and the connection goes to one of those, so that the name cannot change in between. Fails with `SourceMisconfigured`.
 */
export function guardedLookup(allowed: AllowedHosts, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (failed, addresses = []) => {
      const refused = addresses.map(({ address }) => refusal(address, hostname, allowed)).find((each) => each !== null);
      const [first] = addresses;
      if (failed !== null) callback(failed, []);
      else if (refused !== undefined) callback(refused, []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family);
    });
  };
}
