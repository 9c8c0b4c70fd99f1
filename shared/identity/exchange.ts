import * as z from "zod/mini";
import type { Seconds } from "../policy/units.ts";
import { IdentityError } from "./errors.ts";

// What the libraries throw, as far as it tells cases apart: gaxios has `status`, MSAL and Azure's pipeline have `statusCode`
// or a message with Entra's number in it. Nothing else is read, let alone passed on.
const thrown = z.object({
  name: z._default(z.string(), "Error"),
  message: z._default(z.string(), ""),
  status: z.catch(z.optional(z.int()), undefined),
  statusCode: z.catch(z.optional(z.int()), undefined),
});

// The codes that token services give, which say what is wrong and hold nothing secret: OAuth's words and Entra's numbers.
const CODE =
  /\b(invalid_grant|invalid_request|invalid_client|invalid_target|invalid_scope|unauthorized_client|AADSTS\d+)\b/g;

/**
 * Runs one exchange within its deadline. Throws only `IdentityError`, about `what`; `advice` says what to mend when the
 * other cloud refuses.
 */
export async function exchange<T>(
  { what, advice, deadline }: { readonly what: string; readonly advice: string; readonly deadline: Seconds },
  run: (abort: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = AbortSignal.timeout(deadline * 1000);
  const late = new Promise<never>((_, reject) => {
    abort.addEventListener("abort", () =>
      reject(new IdentityError("unavailable", `${what} did not come within ${deadline} s. The next run tries again.`)),
    );
  });
  try {
    return await Promise.race([run(abort), late]);
  } catch (error) {
    throw error instanceof IdentityError ? error : failureOf(error, what, advice);
  }
}

function failureOf(error: unknown, what: string, advice: string): IdentityError {
  const {
    name,
    message,
    status,
    statusCode = status,
  } = thrown.safeParse(error).data ?? { name: typeof error, message: "" };
  if (name === "CredentialsProviderError")
    return new IdentityError("denied", `${what} needs AWS credentials, and none were found. Give the function a role.`);
  const codes = [...new Set(message.match(CODE) ?? [])].join(", ");
  const said = codes || (statusCode === undefined ? name : `HTTP ${statusCode}`);
  const refused = codes !== "" || (statusCode !== undefined && statusCode >= 400 && statusCode < 500);
  if (refused && statusCode !== 429) return new IdentityError("denied", `${what} was denied (${said}). ${advice}`);
  return new IdentityError("unavailable", `${what} was not given (${said}). The next run tries again.`);
}
