import type { TokenCredential } from "@azure/identity";
import type { GoogleAuth } from "google-auth-library";
import { type Clock, systemClock } from "../model/clock.ts";
import type { Federation, WorkloadIdentity } from "../policy/schema/identities.ts";
import type { AwsRole, AwsSession } from "./aws.ts";
import type { AzureOptions } from "./azure.ts";
import type { GoogleOptions } from "./google.ts";
import { keep } from "./keep.ts";
import type { Sts, StsOptions } from "./sts.ts";

/**
 * Whom a process can act as, beside its own AWS role. Made once and shared by pools and signals, so that each identity is
 * taken on once. Nothing is loaded, and nobody asked, before it is needed. What fails throws `IdentityError`.
 */
export interface Identities {
  /** An AWS role's credentials, for the SDK's clients. Kept until near their end, for each role and region. */
  aws(role: AwsRole): () => Promise<AwsSession>;
  /** Google's clients as the workload identity; without one, as what the machine is at Google anyway. */
  google(workload: WorkloadIdentity | undefined): Promise<GoogleAuth>;
  /** Azure's clients as the federated application; without one, as what the machine is at Azure anyway. */
  azure(federation: Federation | undefined): Promise<TokenCredential>;
}

export interface IdentitiesOptions {
  /** How role sessions are called in CloudTrail: `sessionNameOf(fleet)`. */
  readonly session?: string;
  readonly now?: Clock;
  readonly sts?: StsOptions;
  readonly google?: GoogleOptions;
  readonly azure?: AzureOptions;
}

export function createIdentities(options: IdentitiesOptions = {}): Identities {
  const { session = "vramp", now = systemClock } = options;
  let loaded: Promise<Sts> | null = null;
  const sts = (): Promise<Sts> => {
    loaded ??= import("./sts.ts").then(({ createSts }) => createSts(options.sts));
    return loaded;
  };
  return {
    aws: oneEach((role) => {
      const kept = keep(async () => {
        const [{ assumeRole }, service] = await Promise.all([import("./aws.ts"), sts()]);
        return assumeRole(service, role, session);
      }, now);
      return async () => (await kept()).value;
    }),
    google: oneEach(async (workload) => {
      const [{ googleAuth }, service] = await Promise.all([import("./google.ts"), sts()]);
      return googleAuth(workload, service, now, options.google);
    }),
    azure: oneEach(async (federation) => {
      const [{ azureCredential }, service] = await Promise.all([import("./azure.ts"), sts()]);
      return azureCredential(federation, service, now, options.azure);
    }),
  };
}

/** What `make` makes for each different argument, made once. */
function oneEach<A extends object | undefined, T>(make: (about: A) => T): (about: A) => T {
  const made = new Map<string, T>();
  return (about) => {
    const key = JSON.stringify(Object.entries(about ?? {}).toSorted());
    const known = made.get(key) ?? make(about);
    made.set(key, known);
    return known;
  };
}
