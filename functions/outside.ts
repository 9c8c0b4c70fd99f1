import { createIdentities } from "../shared/identity/identities.ts";
import { sessionNameOf } from "../shared/identity/session-name.ts";
import { createPools } from "../shared/pools/pools.ts";
import type { ReconcileDeps } from "../shared/reconcile/deps.ts";
import type { Secrets } from "../shared/secrets/secrets.ts";
import { type AllowedHosts, listedHosts } from "../shared/signals/address-guard.ts";
import { createSources } from "../shared/signals/sources.ts";
import { clock, endpoint } from "./runtime.ts";

/**
 * Where metric sources may stand: where the deployment lists them; else, in a function, wherever the whole internet can reach.
 * A process of one's own may ask this machine and its network.
 */
function metricHosts(): AllowedHosts {
  const listed = process.env.VRAMP_METRIC_HOSTS ?? "";
  if (listed.trim() !== "") return listedHosts(listed);
  return process.env.AWS_LAMBDA_FUNCTION_NAME === undefined ? "anywhere" : "public";
}

/** The metric sources and the clouds, where the environment says that they are; `fleet` names the sessions there. */
export function outside(fleet: string, secrets: Secrets): Pick<ReconcileDeps, "sources" | "pools"> {
  // One for all that takes on an identity, so that each is taken on once; its name says in CloudTrail whose calls these are.
  const identities = createIdentities({ session: sessionNameOf(fleet), now: clock });
  const sources = createSources({ secrets, identities, hosts: metricHosts() });
  const pools = createPools({
    identities,
    gke: { endpoint: endpoint("VRAMP_GKE_ENDPOINT"), computeEndpoint: endpoint("VRAMP_COMPUTE_ENDPOINT") },
    aks: { endpoint: endpoint("VRAMP_AKS_ENDPOINT") },
  });
  return { sources, pools };
}
