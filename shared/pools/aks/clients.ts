import { ContainerServiceClient } from "@azure/arm-containerservice";
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  RestError,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { createIdentities, type Identities } from "../../identity/identities.ts";
import type { Clock } from "../../model/clock.ts";
import type { AksRef } from "../../policy/schema/pools.ts";
import { PoolError } from "../errors.ts";
import { type AksLimits, LIMITS } from "./limits.ts";
import { tryAgain } from "./try-again.ts";

export interface AksOptions {
  /** Where Azure Resource Manager is, https; Azure's own when absent. No real credential is sent to another. */
  readonly endpoint?: string | undefined;
  /** Whose calls these are, for tests. */
  readonly credential?: TokenCredential | undefined;
  /** The authority that the endpoint's certificate is signed by, PEM; else Node's own and `NODE_EXTRA_CA_CERTS`. */
  readonly tlsCa?: string | undefined;
  /** Where a pool's `federation` is exchanged for Azure's credentials. */
  readonly identities?: Identities;
  readonly limits?: Partial<AksLimits>;
  /** When a refusal was seen and how old an operation is: AKS tells neither. */
  readonly now?: Clock;
}

export interface AksClient {
  readonly aks: ContainerServiceClient;
  /** Reads any other resource by its id. Throws what `toPoolError` understands. */
  read(path: string, abort: AbortSignal): Promise<unknown>;
  /** Whether an address belongs to Resource Manager, so that a token may be sent there. */
  trusts(address: string): boolean;
}

const RESOURCE_MANAGER = "https://management.azure.com";

/** One client for each subscription and identity, made when first asked for. */
export function createClients(options: AksOptions): (ref: AksRef) => Promise<AksClient> {
  const identities = options.identities ?? createIdentities();
  const endpoint = addressOf(options.endpoint ?? RESOURCE_MANAGER);
  const made = new Map<string, Promise<AksClient>>();
  return (ref) => {
    const key = JSON.stringify([ref.subscription, ref.federation ?? null]);
    const client =
      made.get(key) ??
      credentialOf(ref, options, identities).then((credential) => clientFor(ref, options, endpoint, credential));
    made.set(key, client);
    return client;
  };
}

function clientFor(ref: AksRef, options: AksOptions, endpoint: URL, credential: TokenCredential): AksClient {
  const limits = { ...LIMITS, ...options.limits };
  const aks = new ContainerServiceClient(credential, ref.subscription, {
    endpoint: endpoint.origin,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: tryAgain(limits), position: "perCall" }],
    ...(options.tlsCa === undefined ? {} : { tlsOptions: { ca: options.tlsCa } }),
  });
  const http = createDefaultHttpClient();
  return {
    aks,
    async read(path, abort) {
      const url = new URL(path, endpoint).href;
      const headers = createHttpHeaders({ accept: "application/json" });
      const request = createPipelineRequest({ url, method: "GET", headers, abortSignal: abort });
      const response = await aks.pipeline.sendRequest(http, request);
      const { status: statusCode, bodyAsText } = response;
      if (statusCode !== 200) throw new RestError(bodyAsText ?? "no text", { statusCode, request, response });
      return JSON.parse(bodyAsText ?? "");
    },
    // Regions have hosts of their own: westeurope.management.azure.com.
    trusts: (address) => {
      const url = URL.parse(address);
      return url?.protocol === "https:" && (url.host === endpoint.host || url.host.endsWith(`.${endpoint.host}`));
    },
  };
}

async function credentialOf(ref: AksRef, options: AksOptions, identities: Identities): Promise<TokenCredential> {
  if (options.credential !== undefined) return options.credential;
  if (ref.federation === undefined && options.endpoint !== undefined) return PLACEHOLDER;
  return identities.azure(ref.federation);
}

/** For emulators: they want a token, and any will do. */
const PLACEHOLDER: TokenCredential = {
  getToken: async () => ({ token: "emulator", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

function addressOf(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url?.protocol === "https:") return url;
  throw new PoolError(
    "Invalid",
    `${JSON.stringify(endpoint)} is no endpoint for AKS. Give VRAMP_AKS_ENDPOINT as an https:// address: Azure's SDK sends no token over plain http.`,
  );
}
