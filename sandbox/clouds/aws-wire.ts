/** What passes between AWS's front door (`aws.ts`) and the services behind it. */

/** One signed request, its body read. `region` and `service` are what it was signed for, with the key `accessKeyId`. */
export interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A call that a service understood. `run` throws `AwsFailure` for what the cloud refuses. */
export interface AwsOperation {
  readonly name: string;
  readonly mutating: boolean;
  readonly input: unknown;
  run(): AwsReply | Promise<AwsReply>;
}

/** A service, mounted under its SigV4 signing name (`eks`, `autoscaling`, `sqs`, `monitoring`, `sts`, …). */
export interface AwsService {
  /** Which call this is; throws `AwsFailure` if none. */
  operation(request: AwsRequest): AwsOperation;
  readonly protocol: AwsProtocol;
}

/** How a family of services words what goes wrong. */
export interface AwsProtocol {
  failure(failure: AwsFailure): AwsReply;
  readonly throttled: AwsFailure;
  readonly broken: AwsFailure;
  denied(action: string): AwsFailure;
  /** A success that no client can parse. */
  readonly garbage: AwsReply;
}

/** A refusal. `fields` are the members that the API declares for this error, beside its message. */
export class AwsFailure extends Error {
  override readonly name = "AwsFailure";
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

/** How AWS words a denial. It repeats the caller's ARN, which clients must not pass on. */
export const denial = (action: string): string =>
  `User: arn:aws:sts::111122223333:assumed-role/vramp/session is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): AwsReply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

export const REST_JSON: AwsProtocol = {
  failure: ({ status, code, message, fields }) =>
    json(status, { message, ...fields }, { "x-amzn-errortype": code, "x-amzn-requestid": crypto.randomUUID() }),
  throttled: new AwsFailure(429, "ThrottlingException", "Rate exceeded"),
  broken: new AwsFailure(500, "ServerException", "Internal server error"),
  denied: (action) => new AwsFailure(403, "AccessDeniedException", denial(action)),
  garbage: { status: 200, headers: { "content-type": "application/json" }, body: '{"truncated": ' },
};
