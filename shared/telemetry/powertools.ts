import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Telemetry } from "./telemetry.ts";

const SERVICE = "vramp";

/** JSON logs and EMF metrics on stdout, as CloudWatch reads them. */
export function createPowertools(): Telemetry {
  const logger = new Logger({ serviceName: SERVICE });
  const metrics = new Metrics({ namespace: SERVICE, serviceName: SERVICE });
  return {
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
    count(name, value, why) {
      // One EMF line for each count: a shared line would give every metric every dimension.
      const single = metrics.singleMetric();
      if (why !== undefined) single.addDimension("reason", why);
      single.addMetric(name, MetricUnit.Count, value);
    },
  };
}
