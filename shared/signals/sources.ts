import type { Source } from "../policy/schema/signals.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { SourceMisconfigured } from "./errors.ts";
import type { SignalSource } from "./signal-source.ts";

/** The metric sources of a process, made when first asked for and kept. */
export interface SignalSources {
  /** The source that a policy declares so. Throws `SourceMisconfigured` if it can never work. */
  open(declared: Source): Promise<SignalSource>;
}

export interface SourcesOptions {
  readonly secrets: Secrets;
}

/** Each adapter is loaded when a policy first uses it: CloudWatch's client alone takes longer to load than all the rest. */
async function open(declared: Source, { secrets }: SourcesOptions): Promise<SignalSource> {
  if ("prometheus" in declared) {
    const { createPrometheusSource } = await import("./prometheus.ts");
    return createPrometheusSource({ ...declared.prometheus, secrets });
  }
  const { region, roleArn, externalId } = declared.cloudwatch;
  if (roleArn !== undefined || externalId !== undefined) {
    throw new SourceMisconfigured(
      "cloudwatch with roleArn or externalId is not supported yet; let the function's own role read the metrics and leave them out",
    );
  }
  const { createCloudWatchSource } = await import("./cloudwatch.ts");
  return createCloudWatchSource({ region });
}

/**
 * Sources by what is declared, not by name: a new policy may give an old name to another server. Only policies bring
 * declarations, so there are few. One that failed to open is tried again.
 */
export function createSources(options: SourcesOptions): SignalSources {
  const opened = new Map<string, Promise<SignalSource>>();
  return {
    open(declared) {
      const key = JSON.stringify(declared);
      const known = opened.get(key);
      if (known !== undefined) return known;
      const source = open(declared, options);
      opened.set(key, source);
      source.catch(() => opened.delete(key));
      return source;
    },
  };
}
