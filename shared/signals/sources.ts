import { createIdentities, type Identities } from "../identity/identities.ts";
import type { Source } from "../policy/schema/signals.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { AllowedHosts } from "./address-guard.ts";
import type { SignalSource } from "./signal-source.ts";

/** The metric sources of a process, made when first asked for and kept. */
export interface SignalSources {
  /** The source that a policy declares so. Throws `SourceMisconfigured` if it can never work. */
  open(declared: Source): Promise<SignalSource>;
}

export interface SourcesOptions {
  readonly secrets: Secrets;
  /** Whom vramp can act as in other accounts and clouds. */
  readonly identities?: Identities;
  /** Where a Prometheus may stand; `anywhere` unless the deployment says otherwise. */
  readonly hosts?: AllowedHosts | undefined;
}

/** Each adapter is loaded when a policy first uses it: CloudWatch's client alone takes longer to load than all the rest. */
async function open(
  declared: Source,
  secrets: Secrets,
  identities: Identities,
  hosts: AllowedHosts | undefined,
): Promise<SignalSource> {
  if ("prometheus" in declared) {
    const { createPrometheusSource } = await import("./prometheus.ts");
    return createPrometheusSource({ ...declared.prometheus, secrets, identities, hosts });
  }
  const { region, roleArn, externalId } = declared.cloudwatch;
  const { createCloudWatchSource } = await import("./cloudwatch.ts");
  if (roleArn === undefined) return createCloudWatchSource({ region });
  return createCloudWatchSource({ region, credentials: identities.aws({ region, roleArn, externalId }) });
}

/**
 * Sources by what is declared, not by name: a new policy may give an old name to another server. Only policies bring
 * declarations, so there are few. One that failed to open is tried again.
 */
export function createSources({ secrets, identities = createIdentities(), hosts }: SourcesOptions): SignalSources {
  const opened = new Map<string, Promise<SignalSource>>();
  return {
    open(declared) {
      const key = JSON.stringify(declared);
      const known = opened.get(key);
      if (known !== undefined) return known;
      const source = open(declared, secrets, identities, hosts);
      opened.set(key, source);
      source.catch(() => opened.delete(key));
      return source;
    },
  };
}
