import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { scrub, scrubAll } from "./scrub.ts";
import { clean, type LogFields, type Telemetry } from "./telemetry.ts";

/** The metrics' namespace, and the service of a process that has no name of its own. */
const VRAMP = "vramp";

/** Fields as data of their own, which Powertools may add to. */
const scrubbed = (fields: LogFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [scrub(key), scrubAll(value)]));

/**
 * JSON logs and EMF metrics on stdout, as CloudWatch reads them. Whatever is said is scrubbed first. `service` stands in every line
 * and is a dimension of every count, so that fleets in one account are told apart.
 */
export function createPowertools(service: string = VRAMP): Telemetry {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: VRAMP, serviceName: service });
  return {
    info: (message, fields = {}) => logger.info(scrub(message), scrubbed(fields)),
    warn: (message, fields = {}) => logger.warn(scrub(message), scrubbed(fields)),
    error: (message, fields = {}) => logger.error(scrub(message), scrubbed(fields)),
    count(name, value, why) {
      // One EMF line for each count: a shared line would give every metric every dimension.
      const single = metrics.singleMetric();
      if (why !== undefined) single.addDimension("reason", clean(why));
      single.addMetric(name, MetricUnit.Count, value);
    },
  };
}
