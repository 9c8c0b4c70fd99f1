import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

/** Fields of the line that every look logs (`shared/reconcile/reconcile.ts`), and what they are called as metrics. */
export const LOGGED_SIZES = { want: "Wanted", current: "Asked" } as const;
export const LOGGED_MESSAGE = "decided";

/** Every workload is looked at each minute. */
const PERIOD = Duration.minutes(1);

export interface SizesProps {
  readonly fleet: string;
  /** Where `reconcile` logs. */
  readonly log: ILogGroup;
}

/** Every workload's sizes as metrics, in nodes, made from the log: wanted, and asked of the cloud. */
export class Sizes extends Construct {
  readonly metrics: readonly IMetric[];

  constructor(scope: Construct, id: string, { fleet, log }: SizesProps) {
    super(scope, id);
    const metricNamespace = `vramp/${fleet}`;
    this.metrics = Object.entries(LOGGED_SIZES).map(([field, metricName]) => {
      new MetricFilter(this, metricName, {
        logGroup: log,
        metricNamespace,
        metricName,
        // A field can only become a value or a dimension if the pattern matches it.
        filterPattern: FilterPattern.literal(`{ $.message = "${LOGGED_MESSAGE}" && $.${field} = * && $.workload = * }`),
        metricValue: `$.${field}`,
        dimensions: { workload: "$.workload" },
      });
      return new MathExpression({
        expression: `SEARCH('{"${metricNamespace}",workload} MetricName="${metricName}"', 'Maximum', ${PERIOD.toSeconds()})`,
        usingMetrics: {},
        label: metricName.toLowerCase(),
        period: PERIOD,
      });
    });
  }
}
