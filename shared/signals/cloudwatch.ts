import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import * as z from "zod/mini";
import type { AwsSession } from "../identity/aws.ts";
import { IdentityError } from "../identity/errors.ts";
import type { Sample } from "../model/series.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { CloudWatchMetric } from "../policy/schema/signals.ts";
import { SignalFault, SourceMisconfigured, settle } from "./errors.ts";
import { RETRIES } from "./limits.ts";
import type { SignalRequest, SignalSource } from "./signal-source.ts";
import { refuseSkew } from "./skew.ts";

export interface CloudWatchOptions {
  readonly region: string;
  /** Another role's, where the process's own has no say. */
  readonly credentials?: () => Promise<AwsSession>;
  /** For other endpoints than AWS's own. */
  readonly client?: CloudWatchClient;
}

const QUERY_ID = "signal";

/**
 * Whole periods, aligned as CloudWatch stores them. `StartTime` is included and `EndTime` is not, so the newest period is
 * the last one that is complete; one still running would give a `Sum` that is too small. The oldest is the one whose
 * sample speaks at the window's beginning.
 */
function commandOf({ window, now }: SignalRequest, metric: CloudWatchMetric): GetMetricDataCommand {
  const { namespace, name, dimensions, statistic, period } = metric;
  const floor = (time: number) => Math.floor(time / period) * period;
  return new GetMetricDataCommand({
    StartTime: new Date((floor(now - window) - period) * 1000),
    EndTime: new Date(floor(now) * 1000),
    ScanBy: "TimestampAscending",
    MetricDataQueries: [
      {
        Id: QUERY_ID,
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: period,
          Stat: statistic,
        },
      },
    ],
  });
}

const message = z.object({ Code: z.optional(z.string()), Value: z.optional(z.string()) });
const output = z.object({
  MetricDataResults: z.tuple([
    z.object({
      StatusCode: z.enum(["Complete", "PartialData", "InternalError", "Forbidden"]),
      Timestamps: z.array(z.date()),
      Values: z.array(z.union([z.number(), z.nan()])),
      Messages: z.optional(z.array(message)),
    }),
  ]),
  NextToken: z.optional(z.string()),
  Messages: z.optional(z.array(message)),
});

/** What CloudWatch answered. It stamps a sample with the start of its period; here it speaks from the period's end on. */
function observationOf(reply: unknown, { period, namespace, name }: CloudWatchMetric): SignalObservation {
  const parsed = output.safeParse(reply);
  if (!parsed.success)
    throw new SignalFault("notJson", "CloudWatch answered with something else than one metric's data");
  const { MetricDataResults, NextToken, Messages = [] } = parsed.data;
  const [{ StatusCode, Timestamps, Values, Messages: own = [] }] = MetricDataResults;
  const said = [...own, ...Messages].map(({ Code = "", Value = "" }) => `: ${Code} ${Value}`).join("");
  const metric = `${namespace} ${name}`;
  switch (StatusCode) {
    case "Forbidden":
      throw new SignalFault("denied", `CloudWatch denies reading ${metric}; grant the role cloudwatch:GetMetricData`);
    case "InternalError":
      throw new SignalFault("serverError", `CloudWatch failed to read ${metric}${said}`);
    case "PartialData":
      throw new SignalFault("partial", `CloudWatch gave only part of ${metric}${said}`);
    case "Complete":
      break;
    default:
      return StatusCode satisfies never;
  }
  if (NextToken !== undefined || said !== "" || Timestamps.length !== Values.length) {
    throw new SignalFault("partial", `CloudWatch gave only part of ${metric}${said}`);
  }
  if (Values.length === 0) return { kind: "empty" };
  const samples = Timestamps.map((stamp, i): Sample => [stamp.getTime() / 1000 + period, Values[i] ?? Number.NaN]);
  return { kind: "series", series: { samples, validity: period } };
}

const THROTTLED = new Set(["Throttling", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException"]);
const SKEWED = new Set(["RequestExpired", "RequestExpiredException", "RequestTimeTooSkewed"]);
/** What AWS answers with status 400 although it is about who asks. */
const DENIED =
  /AccessDenied|UnauthorizedOperation|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|OptInRequired/;

const failure = z.object({
  name: z.string(),
  message: z._default(z.string(), ""),
  code: z.optional(z.string()),
  $metadata: z._default(z.object({ httpStatusCode: z.optional(z.number()) }), {}),
});

/** The client's error as a fault. A denial's own words are left out: they quote the caller's ARN. */
function faultOf(cause: unknown, region: string): SignalFault {
  const parsed = failure.safeParse(cause);
  if (!parsed.success) return new SignalFault("serverError", undefined, { cause });
  const { name, message, code, $metadata } = parsed.data;
  const status = $metadata.httpStatusCode ?? 0;
  const where = `CloudWatch in ${region}`;
  const fault = (why: SignalFault["why"], text: string) => new SignalFault(why, text, { cause });
  if (name === "CredentialsProviderError") {
    return fault("noCredentials", "no AWS credentials were found; give the function a role, or set a profile");
  }
  // The HTTP handler calls a cut connection a TimeoutError too; only its code tells.
  const cut = code === "ECONNRESET" || code === "EPIPE";
  if (name === "TimeoutError" && !cut) return fault("timeout", `${where} did not answer in time`);
  if (THROTTLED.has(name) || status === 429) return fault("throttled", `${where} asks for fewer requests (${name})`);
  if (SKEWED.has(name)) return fault("clockSkew", `${where} says that our clock is wrong (${name}); set it by NTP`);
  if (DENIED.test(name) || status === 401 || status === 403) {
    return fault("denied", `${where} denies the call (${name}); grant the role cloudwatch:GetMetricData`);
  }
  if (name === "SyntaxError") return fault("notJson", `${where} answered with something else than JSON`);
  if (status >= 500) return fault("serverError", `${where} failed (HTTP ${status} ${name})`);
  if (status >= 400) return fault("badQuery", `${where} refused the query (${name}): ${message}`);
  return fault("unreachable", `no connection to ${where} (${code ?? name}); check the region and the network`);
}

const dated = z.object({ response: z.object({ headers: z.object({ date: z.string() }) }) });

/**
 * CloudWatch metrics in one region, one `GetMetricData` for each signal. A sample's time is the end of its period and it
 * speaks for one period. Metrics arrive a minute or more after their period, SQS's up to five: `maxAge` must allow for
 * it. A metric that nobody wrote to, an idle SQS queue's after six hours for one, gives `empty`.
 */
export function createCloudWatchSource({ region, credentials, client }: CloudWatchOptions): SignalSource {
  const own = { region, maxAttempts: RETRIES + 1 };
  const cloudwatch = client ?? new CloudWatchClient(credentials === undefined ? own : { ...own, credentials });

  async function read(request: SignalRequest, abort: AbortSignal): Promise<SignalObservation> {
    const { name, signal, now } = request;
    if (signal.metric === undefined) {
      throw new SourceMisconfigured(`signal ${name} has no metric; a signal on a CloudWatch source needs one`);
    }
    if (signal.per === "node")
      throw new SignalFault("noNodeLabel", `signal ${name} is per node, which CloudWatch cannot give`);
    const command = commandOf(request, signal.metric);
    let date: string | undefined;
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = dated.safeParse(result).data?.response.headers.date;
        return result;
      },
      { step: "deserialize" },
    );
    const reply = await cloudwatch.send(command, { abortSignal: abort }).catch((error: unknown) => {
      throw error instanceof IdentityError ? error : faultOf(error, region);
    });
    refuseSkew(date ?? null, `CloudWatch in ${region}`, now);
    return observationOf(reply, signal.metric);
  }

  return { fetch: (request, abort) => settle(abort, () => read(request, abort)) };
}
