import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { POOL_ERRORS, type PoolErrorKind } from "../shared/model/pool.ts";
import type { Reason } from "../shared/model/reasons.ts";
import type { VrampFunction } from "./functions/vramp-function.ts";
import { CANARY_EVERY, CANARY_MISSED, VISIBILITY_TIMEOUT } from "./limits.ts";
import { countOf, serviceOf, successes, sumOf } from "./metrics.ts";

/** One thing to be told of. */
interface Watch {
  readonly metric: IMetric;
  /** Bad from here on; 1 unless said. */
  readonly atLeast?: number;
  /** Bad below this instead. Then no data is bad too: nothing is heard of what should be. */
  readonly below?: number;
  /** In how many of the last periods it must be bad; 1 of 1 unless said. */
  readonly periods?: readonly [bad: number, of: number];
  /** What it means. */
  readonly means: string;
  /** What to do. */
  readonly todo: string;
}

export interface AlarmsProps {
  readonly topic: ITopic;
  /** Every function, by what it is called in the stack. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly tick: VrampFunction;
  readonly canary: VrampFunction;
  readonly wakes: IQueue;
  readonly deadLetters: readonly IQueue[];
  /** Answers of 5xx by the alerts API. */
  readonly notAccepted: IMetric;
  /** The name of the parameter with the fleet's stop. */
  readonly stop: string;
}

/** Tells people what vramp cannot mend itself. What each alarm means and asks for is in its description. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const action = new SnsAction(props.topic);
    for (const [name, watch] of Object.entries(watches(props, serviceOf(this)))) {
      const [datapointsToAlarm, evaluationPeriods] = watch.periods ?? [1, 1];
      const alarm = new Alarm(this, name, {
        metric: watch.metric,
        alarmDescription: `${watch.means}. To do: ${watch.todo}.`,
        threshold: watch.below ?? watch.atLeast ?? 1,
        comparisonOperator:
          watch.below === undefined
            ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
            : ComparisonOperator.LESS_THAN_THRESHOLD,
        treatMissingData: watch.below === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
        datapointsToAlarm,
        evaluationPeriods,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }
}

const watches = (props: AlarmsProps, service: string): Readonly<Record<string, Watch>> => ({
  ...wakeUps(props),
  ...alerts(props, service),
  ...resizes(props, service),
  ...signals(service),
  ...Object.fromEntries(Object.entries(props.functions).flatMap(([name, lambda]) => runs(name, lambda))),
});

const MINUTE = Duration.minutes(1);

/** Whether the fleet is woken, and looked at when it is. */
function wakeUps({ tick, wakes, deadLetters }: AlarmsProps): Readonly<Record<string, Watch>> {
  return {
    TickMissing: {
      metric: successes(tick.lambda, MINUTE),
      below: 1,
      periods: [5, 5],
      means: "No tick has woken the fleet for five minutes: nothing is scaled but by alerts",
      todo: "see the log of the function tick, then its schedule in EventBridge Scheduler and its reserved concurrency",
    },
    QueueAge: {
      metric: wakes.metricApproximateAgeOfOldestMessage({ period: MINUTE }),
      // A failed wake-up is tried again when it is seen again; older ones have failed more than once, or nobody reads.
      atLeast: 2 * VISIBILITY_TIMEOUT,
      periods: [3, 3],
      means: "A wake-up has waited for long: its workload is not looked at",
      todo: "see the log of the function reconcile for what fails, and whether its trigger on the queue is enabled",
    },
    DeadLetters: {
      metric: sumOf(
        deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
        "dead letters",
      ),
      means:
        "A wake-up or a cloud's event was given up after every delivery of it failed. The ticks since have woken its workload anew",
      todo: `read it for the workload, find the cause in the log of the function that should have taken it, then purge the queue. Moving it back (aws sqs start-message-move-task --source-arn ${deadLetters.map((queue) => queue.queueArn).join(" or ")}) adds one look, no more`,
    },
  };
}

/** Whether alerts get through. */
function alerts({ canary, notAccepted }: AlarmsProps, service: string): Readonly<Record<string, Watch>> {
  const hour = Duration.hours(CANARY_EVERY);
  return {
    CanaryMissing: {
      metric: new MathExpression({
        // Answered to this fleet's canary, and counted by alerts: both, or it did not come.
        expression: "counted * answered",
        usingMetrics: {
          counted: countOf(service, "AlertsIgnored", ["Canary"], "counted", hour),
          answered: successes(canary.lambda, hour),
        },
        label: "canaries",
        period: hour,
      }),
      below: 1,
      periods: [CANARY_MISSED, CANARY_MISSED],
      means: `No hourly test alert came through for ${CANARY_MISSED} hours: real alerts may be lost. The tick still looks every minute`,
      todo: "see the log of the function canary for the answer it got, then the logs of the API and of alerts, and the secret with the tokens",
    },
    AlertsNotAccepted: {
      metric: notAccepted,
      periods: [2, 3],
      means: "Alerts are answered with 5xx, again and again. Alertmanager keeps trying",
      todo: "see the log of the function alerts: the queue or the secret with the tokens is out of reach, or there are more alerts than the API takes",
    },
    AlertsUnauthorized: {
      metric: countOf(service, "AlertsRefused", ["BadToken"], "bad tokens"),
      // A person who tries it out is below.
      atLeast: 10,
      means: "Requests come without a live token: an Alertmanager has an old one, or somebody guesses",
      todo: "compare the callers in the API's access log with your Alertmanagers, and give them the token of the secret",
    },
  };
}

/** What the queue and the next tick cannot mend. */
const final = (kind: PoolErrorKind): boolean => POOL_ERRORS[kind] === "final" || kind === "QuotaExceeded";
const isPoolError = (kind: string): kind is PoolErrorKind => Object.hasOwn(POOL_ERRORS, kind);
const KINDS = Object.keys(POOL_ERRORS).filter(isPoolError);

/** Whether sizes change when they should. */
function resizes({ stop }: AlarmsProps, service: string): Readonly<Record<string, Watch>> {
  const budget = "BudgetReached" satisfies Reason;
  return {
    ResizeRefused: {
      metric: countOf(service, "ResizeFailures", KINDS.filter(final), "refused"),
      means: "A cloud refused a change of a pool for a reason that stays: a permission, a quota, a pool that is gone",
      todo: "ask vramp explain for the workload; it names the pool, the cloud's reason and what to change",
    },
    ResizeFailing: {
      metric: countOf(
        service,
        "ResizeFailures",
        KINDS.filter((kind) => !final(kind)),
        "failing",
      ),
      periods: [3, 3],
      means: "Changes of pools have failed for a quarter of an hour, each time for a reason that may pass",
      todo: "see vramp status for the pools: no capacity (allow another pool), a busy or throttling cloud (wait)",
    },
    Stopped: {
      metric: countOf(service, "ResizeFailures", ["Stopped", "StopUnknown"], "held"),
      periods: [3, 3],
      means: `Changes are held, because the fleet's stop is set or cannot be read (parameter ${stop})`,
      todo: `if it is set and the reason for it is gone, set it to false; if the log of reconcile says it cannot be read, mend the parameter or the permission`,
    },
    BudgetReached: {
      metric: countOf(service, "Decisions", [budget], "decisions"),
      means: "A workload would grow, but the fleet's budget for the hour or the day forbids it",
      todo: "see vramp explain for the workload and what it costs; raise the budget in the policy, or leave it",
    },
  };
}

/** Decisions that were held because of these are decisions without eyes. */
const BLIND = ["SignalUnknown", "SignalStale", "LowCoverage"] as const satisfies readonly Reason[];

const signals = (service: string): Readonly<Record<string, Watch>> => ({
  SignalsStale: {
    metric: countOf(service, "Decisions", BLIND, "decisions"),
    periods: [3, 3],
    means:
      "For a quarter of an hour a workload was decided without a signal it needs: it does not shrink, and may not grow",
    todo: "see vramp explain for the signal and why it is unknown, then the metric source and what it scrapes",
  },
});

/** Errors and throttles of one function. */
function runs(name: string, lambda: IFunction): readonly (readonly [string, Watch])[] {
  return [
    [
      `${name}Errors`,
      {
        metric: lambda.metricErrors(),
        means: `The function ${name} failed or ran out of time`,
        todo: "read its log. A single failure mends itself; what goes on does not",
      },
    ],
    [
      `${name}Throttles`,
      {
        metric: lambda.metricThrottles(),
        means: `The function ${name} was called more often at once than its reserved concurrency allows`,
        todo: "see who calls it so often; the limit is in infra/limits.ts, with its reason",
      },
    ],
  ];
}
