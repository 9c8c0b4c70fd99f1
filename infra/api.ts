import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ALERTS_BURST, ALERTS_RATE, ALERTS_WAIT, RETRY_AFTER } from "./limits.ts";
import { acknowledge } from "./nag.ts";

const STAGE = "live";

/**
 * What API Gateway itself answers. Alertmanager tries again after a 5xx and only then: after a 429 it waits for the next
 * group interval, and may never say that an alert is resolved. So whatever may pass is a 503.
 */
const TRY_AGAIN = {
  Throttled: ResponseType.THROTTLED,
  QuotaExceeded: ResponseType.QUOTA_EXCEEDED,
  IntegrationFailure: ResponseType.INTEGRATION_FAILURE,
  IntegrationTimeout: ResponseType.INTEGRATION_TIMEOUT,
  Default5xx: ResponseType.DEFAULT_5XX,
} as const;

const TOKEN_CHECKED =
  "Alertmanager can present a token and cannot sign; the function compares it, in constant time, before it looks at the body";

/** Rules for every API that this one does not need, and why. */
const MEANT = {
  APIG2:
    "the function checks the body against its schema; API Gateway would do so before the token, and tell strangers what it takes",
  APIG3:
    "the stage is throttled, the function has a share of the concurrency that nothing else can use, and who has no token costs one comparison; a firewall costs more than the fleet's whole stack, so it is left to those who have one",
  APIG4: TOKEN_CHECKED,
  COG4: TOKEN_CHECKED,
  "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]":
    "one role writes the logs of every API of an account and region, so it is AWS's own policy for it that all of them rely on",
} as const;

/** No header that could hold a token, and no body. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    time: "$context.requestTimeEpoch",
    ip: "$context.identity.sourceIp",
    userAgent: "$context.identity.userAgent",
    method: "$context.httpMethod",
    path: "$context.path",
    status: "$context.status",
    refusedAs: "$context.error.responseType",
    responseBytes: "$context.responseLength",
    milliseconds: "$context.responseLatency",
    functionMilliseconds: "$context.integrationLatency",
  }),
);

/**
 * `POST /alerts`, and nothing else. A REST API, because an HTTP API and a function URL cannot answer 503 when they throttle.
 * It never redirects, and is reached over TLS only. Bodies over 10 MB end here with 413; the function's own limit is lower.
 * The token is the function's to check: Alertmanager cannot sign, and 401 must come before anything looks at the body.
 */
export class AlertsApi extends Construct {
  /** Where Alertmanager posts to. */
  readonly url: string;
  /** Answers of 5xx, those of API Gateway's own included. */
  readonly notAccepted: IMetric;

  constructor(scope: Construct, id: string, { alerts }: { readonly alerts: IFunction }) {
    super(scope, id);
    const api = new RestApi(this, "Api", {
      restApiName: Stack.of(this).stackName,
      description: "Alertmanager's way to vramp",
      endpointTypes: [EndpointType.REGIONAL],
      // API Gateway writes logs with one role for the whole account and region, which a new account does not have.
      cloudWatchRole: true,
      deployOptions: {
        stageName: STAGE,
        throttlingRateLimit: ALERTS_RATE,
        throttlingBurstLimit: ALERTS_BURST,
        accessLogDestination: new LogGroupLogDestination(this.#log("AccessLog")),
        accessLogFormat: ACCESS_LOG,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false, // it would write tokens to the log
      },
    });
    // API Gateway makes this log group itself if it is not there, and then keeps it for ever.
    const errors = this.#log("ErrorLog", `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE}`);
    api.deploymentStage.node.addDependency(errors);
    const path = api.root.addResource("alerts");
    const integration = new LambdaIntegration(alerts, {
      allowTestInvoke: false,
      timeout: Duration.seconds(ALERTS_WAIT),
    });
    path.addMethod("POST", integration);
    for (const [name, type] of Object.entries(TRY_AGAIN)) refuse(api, name, type, 503, "not accepted; send it again");
    // AWS calls an unknown path or method so, and answers 403; that sends people looking for a token.
    refuse(api, "Unknown", ResponseType.MISSING_AUTHENTICATION_TOKEN, 404, "there is only POST /alerts");
    for (const [rule, reason] of Object.entries(MEANT)) acknowledge(api, rule, reason);
    this.url = api.urlForPath(path.path);
    this.notAccepted = api.deploymentStage.metricServerError();
  }

  #log(id: string, logGroupName?: string): LogGroup {
    return new LogGroup(this, id, {
      ...(logGroupName === undefined ? {} : { logGroupName }),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

function refuse(api: RestApi, id: string, type: ResponseType, statusCode: number, error: string): void {
  api.addGatewayResponse(id, {
    type,
    statusCode: String(statusCode),
    templates: { "application/json": JSON.stringify({ error }) },
    ...(statusCode === 503 ? { responseHeaders: { "Retry-After": `'${RETRY_AFTER}'` } } : {}),
  });
}
