import { type AuthClient, GoogleAuth, OAuth2Client } from "google-auth-library";
import { createIdentities, type Identities } from "../../identity/identities.ts";
import type { Clock } from "../../model/clock.ts";
import type { GkeRef } from "../../policy/schema/pools.ts";
import type { Seconds } from "../../policy/units.ts";
import { PoolError } from "../errors.ts";
import { ClusterManagerClient } from "./client.ts";
import { named } from "./errors.ts";

/** How long one call to Google may take, how often it is tried, and how long the first pause between tries is. */
export interface GkeLimits {
  readonly requestTimeout: Seconds;
  readonly attempts: number;
  readonly backoff: Seconds;
}

export const LIMITS: GkeLimits = {
  // Both APIs answer within a second. The SDK itself would wait 20 s for a read, and repeat even what it cannot decode.
  requestTimeout: 5,
  // More belongs to the next run, a minute later, with fresh readings.
  attempts: 3,
  // Doubled after each try; Google's own clients begin with 100 ms.
  backoff: 0.2,
};

// What GKE allows a node pool in one zone. https://cloud.google.com/kubernetes-engine/quotas
export const NODES_PER_ZONE = 1000;

export interface GkeOptions {
  /** Where GKE is, http or https; Google's own when absent. Over http no real credential is sent. */
  readonly endpoint?: string | undefined;
  /** Where Compute Engine is; the same rules. */
  readonly computeEndpoint?: string | undefined;
  /** Whose calls these are, for tests. */
  readonly auth?: AuthClient | undefined;
  /** Where a pool's `workloadIdentity` is exchanged for Google's credentials. */
  readonly identities?: Identities;
  readonly limits?: Partial<GkeLimits>;
  /** When a launch that Google still refuses was seen, where Google gives no time of its own. */
  readonly now?: Clock;
}

/** One call to Compute Engine: a path below `/compute/v1/`. */
export interface ComputeCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface GkeClients {
  readonly clusters: ClusterManagerClient;
  /** The reply's body; throws what `toPoolError` understands. */
  compute(call: ComputeCall, abort: AbortSignal): Promise<unknown>;
}

/** One pair of clients for each identity, made when first asked for. */
export function createClients(options: GkeOptions): (ref: GkeRef) => Promise<GkeClients> {
  const identities = options.identities ?? createIdentities();
  const made = new Map<string, Promise<GkeClients>>();
  return (ref) => {
    const key = JSON.stringify(ref.workloadIdentity ?? null);
    const clients = made.get(key) ?? clientsFor(ref, options, identities);
    made.set(key, clients);
    // What failed once may have been mended by the next run.
    clients.catch(() => made.delete(key));
    return clients;
  };
}

async function clientsFor(ref: GkeRef, options: GkeOptions, identities: Identities): Promise<GkeClients> {
  const gke = addressOf(options.endpoint ?? "https://container.googleapis.com");
  const compute = addressOf(options.computeEndpoint ?? "https://compute.googleapis.com");
  const authOf = async ({ protocol }: URL): Promise<GoogleAuth> => {
    if (options.auth !== undefined) return new GoogleAuth({ authClient: options.auth });
    return protocol === "http:" ? placeholder() : signedIn(await identities.google(ref.workloadIdentity), ref);
  };
  const [gkeAuth, computeAuth] = [await authOf(gke), await authOf(compute)];
  const { requestTimeout } = { ...LIMITS, ...options.limits };
  return {
    clusters: new ClusterManagerClient({
      auth: gkeAuth,
      // REST: no HTTP/2 connection that a frozen function would find dead.
      fallback: true,
      protocol: gke.protocol.slice(0, -1),
      apiEndpoint: gke.hostname,
      port: Number(gke.port || (gke.protocol === "http:" ? 80 : 443)),
    }),
    compute: async ({ method, path, query = {}, body }, abort) => {
      const url = new URL(`/compute/v1/${path}`, compute);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const reply = await computeAuth.request({
        method,
        url: url.href,
        responseType: "json",
        timeout: requestTimeout * 1000,
        signal: abort,
        retry: false,
        ...(body === undefined ? {} : { data: body }),
      });
      return reply.data;
    },
  };
}

function addressOf(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new PoolError(
    "Invalid",
    `${JSON.stringify(endpoint)} is no endpoint for GKE. Give VRAMP_GKE_ENDPOINT and VRAMP_COMPUTE_ENDPOINT as http:// or https:// addresses.`,
  );
}

/** The identity, once it is known to be one: the SDK would fail on a missing one where nobody can catch it. */
async function signedIn(auth: GoogleAuth, ref: GkeRef): Promise<GoogleAuth> {
  try {
    await auth.getClient();
    return auth;
  } catch (cause) {
    throw new PoolError(
      "Forbidden",
      `${named(ref)}: vramp has no Google identity here. Give the pool a workloadIdentity, or vramp application default credentials (docs/gke.md).`,
      { cause },
    );
  }
}

/** For emulators: they want a token, and any will do. A real one must not travel in the clear. */
function placeholder(): GoogleAuth {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: "emulator" });
  return new GoogleAuth({ authClient });
}
