import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { SourceMisconfigured } from "./errors.ts";

/**
 * Where clouds serve credentials to whoever asks: link-local addresses (169.254.169.254 on all three clouds,
 * 169.254.170.2 for ECS, 169.254.170.23 for EKS pods) and their IPv6 forms. No metric source is ever there. Private
 * addresses are not in the list: a Prometheus inside the VPC is the common case.
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet("169.254.0.0", 16, "ipv4");
FORBIDDEN.addSubnet("fe80::", 10, "ipv6");
FORBIDDEN.addSubnet("fd00:ec2::", 32, "ipv6");

const isForbidden = (address: string) => FORBIDDEN.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

/**
 * Throws `SourceMisconfigured` if the URL leads to a cloud's metadata service, by address or by any address that its name
 * resolves to now. The connection resolves the name again, so a name that changes in between gets through; redirects,
 * the easier way there, are never followed. A name that does not resolve is left to the connection to report.
 */
export async function refuseMetadataAddress(url: URL): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses =
    isIP(host) === 0
      ? await lookup(host, { all: true }).then(
          (all) => all.map((a) => a.address),
          () => [],
        )
      : [host];
  if (addresses.some(isForbidden)) {
    throw new SourceMisconfigured(
      `${host} is a cloud's metadata address, which is never asked; correct the source's url`,
    );
  }
}
