import * as z from "zod/mini";
import type { Clock } from "../model/clock.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { clean } from "../telemetry/telemetry.ts";
import { CACHED_FOR, REQUEST_TIMEOUT, STANDS_FOR } from "./limits.ts";
import type { Stop, StopState } from "./stop.ts";

export interface SsmStopOptions {
  /** Name or ARN of the parameter; it holds `true` or `false`. */
  readonly parameter: string;
  readonly region: string;
  /** Where Systems Manager is, when it is not where it always is: an emulator, a proxy. */
  readonly endpoint?: string | undefined;
  readonly now: Clock;
}

const SERVICE = "ssm";
const JSON_TYPE = "application/x-amz-json-1.1";
const STATES: Readonly<Record<string, StopState>> = { true: { kind: "set" }, false: { kind: "clear" } };

const endpointIn = (region: string): string =>
  `https://${SERVICE}.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

const reply = z.object({ Parameter: z.object({ Value: z.string() }) });
const refusal = z.object({ __type: z.string() });

/** Signs as the process itself. Loaded when first used: a run that changes nothing never asks. */
async function createSigner(region: string) {
  const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@aws-crypto/sha256-js"),
    import("@aws-sdk/credential-provider-node"),
  ]);
  return new SignatureV4({ service: SERVICE, region, credentials: defaultProvider(), sha256: Sha256 });
}

/**
 * The stop in a parameter of AWS Systems Manager. An answer is kept for `CACHED_FOR`; when none comes, the last one stands for
 * `STANDS_FOR`. A parameter that is gone, or that holds something else, is unknown too: it may have been meant as a stop.
 */
export function createSsmStop({ parameter, region, endpoint = endpointIn(region), now }: SsmStopOptions): Stop {
  const url = new URL("/", endpoint);
  let signer: ReturnType<typeof createSigner> | undefined;
  let last: { readonly state: StopState; readonly at: EpochSeconds } | null = null;

  async function ask(): Promise<StopState> {
    signer ??= createSigner(region);
    const at = now();
    const unsigned = {
      method: "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host, "content-type": JSON_TYPE, "x-amz-target": "AmazonSSM.GetParameter" },
      body: JSON.stringify({ Name: parameter }),
    };
    const { headers } = await (await signer).sign(unsigned, { signingDate: new Date(at * 1000) });
    const { host: _, ...sent } = headers; // fetch writes the same one itself
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT * 1000);
    const response = await fetch(url, {
      method: "POST",
      headers: sent,
      body: unsigned.body,
      redirect: "error",
      signal,
    });
    const body: unknown = await response.json();
    const { data: refused } = refusal.safeParse(body);
    if (refused !== undefined) throw new Error(`Systems Manager refused it with ${refused.__type}`);
    const { Value } = reply.parse(body).Parameter;
    const state = STATES[Value.trim()];
    if (state === undefined) throw new Error("it holds neither true nor false");
    last = { state, at };
    return state;
  }

  return {
    async read() {
      if (last !== null && now() - last.at < CACHED_FOR) return last.state;
      try {
        return await ask();
      } catch (error) {
        if (last !== null && now() - last.at < STANDS_FOR) return last.state;
        const why = error instanceof Error ? error.message : String(error);
        return { kind: "unknown", why: clean(`the parameter ${parameter} cannot be read: ${why}`) };
      }
    },
  };
}
