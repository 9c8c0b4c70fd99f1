import { Duration } from "aws-cdk-lib";
import { Dashboard as CloudWatchDashboard, GraphWidget, type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { byReason, serviceOf } from "./metrics.ts";

export interface DashboardProps {
  readonly sizes: readonly IMetric[];
  /** Every function, by what it is called in the stack. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly wakes: IQueue;
  readonly deadLetters: readonly IQueue[];
}

/** CloudWatch lays a dashboard out in 24 columns. */
const HALF = 12;
const FULL = 24;

const graph = (title: string, left: readonly IMetric[], width = HALF): GraphWidget =>
  new GraphWidget({ title, left: [...left], width, leftYAxis: { min: 0 }, liveData: true });

/** How the fleet is, on one page. Its URL is in the stack's outputs. */
export class Dashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { sizes, functions, wakes, deadLetters }: DashboardProps) {
    super(scope, id);
    const service = serviceOf(this);
    const lambdas = Object.entries(functions);
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      defaultInterval: Duration.hours(12), // a night, with its end
      widgets: [
        [graph("Nodes, wanted and asked of the cloud", sizes, FULL)],
        [graph("Decisions by reason", [byReason(service, "Decisions")], FULL)],
        [
          graph("Resizes by reason", [byReason(service, "Resizes")]),
          graph("Resizes that failed, by what the cloud said", [byReason(service, "ResizeFailures")]),
        ],
        [
          graph("Oldest wake-up, in seconds", [wakes.metricApproximateAgeOfOldestMessage({ label: "age" })]),
          graph(
            "Wake-ups and events given up",
            deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible({ label: queue.queueName })),
          ),
        ],
        [
          graph("Alerts that woke nobody, the hourly canary among them", [byReason(service, "AlertsIgnored")]),
          graph("Alerts refused", [byReason(service, "AlertsRefused")]),
        ],
        [
          graph(
            "Functions: errors",
            lambdas.map(([label, lambda]) => lambda.metricErrors({ label })),
          ),
          graph(
            "Functions: the longest run, in ms",
            lambdas.map(([label, lambda]) => lambda.metricDuration({ label, statistic: Stats.MAXIMUM })),
          ),
        ],
      ],
    });
    this.name = dashboard.dashboardName;
  }
}
