import { z } from "zod";
import { AwsFailure, type AwsProtocol, type AwsReply, type AwsRequest, type AwsService, denial } from "./aws-wire.ts";

/** The AWS JSON protocol: `POST /`, the call in `X-Amz-Target`. SQS, Secrets Manager and newer CloudWatch clients speak it. */

/** One call of a service: takes the request's JSON and gives what to run, or throws `AwsFailure`. */
export interface JsonCall {
  readonly mutating: boolean;
  prepare(input: unknown): () => unknown;
}

/** A call whose input must fit a schema. */
export function call<T>(mutating: boolean, schema: z.ZodType<T>, run: (input: T) => unknown): JsonCall {
  return {
    mutating,
    prepare(input) {
      const result = schema.safeParse(input);
      if (result.success) return () => run(result.data);
      throw new AwsFailure(400, "ValidationException", z.prettifyError(result.error).replaceAll(/\s+/g, " "));
    },
  };
}

export interface AwsJsonOptions {
  /** What stands before the dot in `X-Amz-Target`. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly calls: Readonly<Record<string, JsonCall>>;
  /** Codes that the older query protocol gave an error, which some services still send in a header. */
  readonly queryCodes?: Readonly<Record<string, string>>;
}

/** A service that speaks AWS JSON. */
export function awsJsonService({ target, version, calls, queryCodes = {} }: AwsJsonOptions): AwsService {
  const known = new Map(Object.entries(calls));
  const contentType = `application/x-amz-json-${version}`;
  const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AwsReply => ({
    status,
    headers: { "content-type": contentType, "x-amzn-requestid": crypto.randomUUID(), ...headers },
    body: JSON.stringify(body),
  });

  const protocol: AwsProtocol = {
    failure({ status, code, message, fields }) {
      const older = queryCodes[code];
      const headers = older === undefined ? {} : { "x-amzn-query-error": `${older};Sender` };
      return reply(status, { __type: code, message, ...fields }, headers);
    },
    throttled: new AwsFailure(400, "ThrottlingException", "Rate exceeded"),
    broken: new AwsFailure(500, "InternalFailure", "The request processing has failed because of an unknown error."),
    denied: (action) => new AwsFailure(400, "AccessDeniedException", denial(action)),
    garbage: { status: 200, headers: { "content-type": contentType }, body: '{"truncated": ' },
  };

  return {
    protocol,
    operation(request) {
      const name = callName(request, target);
      const found = known.get(name);
      if (found === undefined) throw new AwsFailure(400, "UnknownOperationException", `${target} has no call ${name}`);
      const input = bodyOf(request);
      const run = found.prepare(input);
      return { name, mutating: found.mutating, input, run: () => reply(200, run() ?? {}) };
    },
  };
}

function callName({ headers }: AwsRequest, target: string): string {
  const header = headers["x-amz-target"] ?? "";
  return header.startsWith(`${target}.`) ? header.slice(target.length + 1) : header;
}

function bodyOf({ body }: AwsRequest): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsFailure(400, "SerializationException", "The request body is not JSON.");
  }
}
