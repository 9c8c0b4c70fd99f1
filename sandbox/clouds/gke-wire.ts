/** What passes between Google's front door (`gke.ts`) and the two APIs behind it. */

/** One request, its body read. */
export interface GoogleRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** A call that an API understood. `run` gives the reply's body, or throws `GoogleFailure` for what Google refuses. */
export interface GoogleOperation {
  readonly name: string;
  /** What the caller must be allowed to do. */
  readonly permission: string;
  readonly mutating: boolean;
  readonly input: unknown;
  run(): unknown;
}

/** Google's canonical codes, with their HTTP status. */
const STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;
export type Status = keyof typeof STATUS;

/** A refusal. `reason` is the ErrorInfo's, which tells apart what one status lumps together. */
export class GoogleFailure extends Error {
  override readonly name = "GoogleFailure";
  readonly status: Status;
  readonly reason: string | null;

  constructor(status: Status, message: string, reason: string | null = null) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  get httpStatus(): number {
    return STATUS[this.status];
  }

  get body(): object {
    const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", domain: "container.googleapis.com" };
    const { httpStatus: code, message, status, reason } = this;
    return { error: { code, message, status, ...(reason === null ? {} : { details: [{ ...info, reason }] }) } };
  }
}

export const invalid = (message: string): GoogleFailure => new GoogleFailure("INVALID_ARGUMENT", message);
export const notFound = (what: string): GoogleFailure => new GoogleFailure("NOT_FOUND", `Not found: ${what}.`);

/** A body's JSON; an absent body is an empty message. */
export function parseBody(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw invalid("Invalid JSON payload received. Unexpected token.");
  }
}
