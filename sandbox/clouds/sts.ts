import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { members, queryProtocol, queryReply, type Xml } from "./aws-query.ts";
import { AwsFailure, type AwsService, denial } from "./aws-wire.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** A role that someone may assume. */
export interface Role {
  readonly arn: string;
  /** What its trust policy wants as sts:ExternalId; without it, anything or nothing. */
  readonly externalId?: string;
}

/** What AssumeRole gave. */
export interface IssuedSession {
  readonly roleArn: string;
  readonly name: string;
  readonly accessKeyId: string;
  readonly expires: EpochSeconds;
}

/** AWS's security token service, as strict as AWS about what vramp sends. Mount `service` under `sts`. */
export interface StsEmulator {
  readonly service: AwsService;
  /** Who signs web identity tokens, and with what; Entra is told both. */
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly sessions: readonly IssuedSession[];
  /** Every secret that was given out; none may ever be seen in a log. */
  readonly secrets: readonly string[];
  createRole(role: Role): void;
  deleteRole(arn: string): void;
  /** `aws iam enable-outbound-web-identity-federation`, and back. */
  setOutboundFederation(on: boolean): void;
}

export interface StsEmulatorOptions {
  readonly now: Clock;
  /** Who calls: the function's own role, as web identity tokens name it. */
  readonly caller?: string;
}

type Action = (form: URLSearchParams) => Xml;

export function createStsEmulator({
  now,
  caller = "arn:aws:iam::111122223333:role/vramp-reconcile",
}: StsEmulatorOptions): StsEmulator {
  const issuer = "https://0f7d2a52-2d3b-4f3e-9d53-3f5f0a5b8c11.tokens.sts.global.api.aws";
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const roles = new Map<string, Role>();
  const sessions: IssuedSession[] = [];
  const secrets: string[] = [];
  let federation = true;

  const secret = (prefix = ""): string => {
    const made = `${prefix}canary${randomBytes(24).toString("hex")}`;
    secrets.push(made);
    return made;
  };

  const assumeRole: Action = (form) => {
    const arn = matching(form, "RoleArn", /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/);
    const name = matching(form, "RoleSessionName", /^[\w+=,.@-]{2,64}$/);
    const externalId = form.get("ExternalId");
    if (externalId !== null) matching(form, "ExternalId", /^[\w+=,.@:/-]{2,1224}$/);
    const duration = within(form, "DurationSeconds", 3600, 900, 43_200);
    // A function's own credentials are a role session's, so every role that it assumes is chained.
    if (duration > 3600)
      throw invalid(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
      );
    const role = roles.get(arn);
    // AWS says the same of a role that is not there as of one whose trust policy does not trust the caller.
    if (role === undefined || (role.externalId !== undefined && role.externalId !== externalId))
      throw new AwsFailure(403, "AccessDenied", `${denial("sts:AssumeRole")} on resource: ${arn}`);
    const expires = now() + duration;
    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    sessions.push({ roleArn: arn, name, accessKeyId, expires });
    return {
      AssumedRoleUser: {
        AssumedRoleId: `AROA${accessKeyId.slice(4)}:${name}`,
        Arn: `${arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${name}`,
      },
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretAccessKey: secret(),
        SessionToken: secret("FwoG"),
        Expiration: new Date(expires * 1000).toISOString(),
      },
    };
  };

  const getWebIdentityToken: Action = (form) => {
    const audience = members(form, "Audience");
    if (audience.length < 1 || audience.length > 10)
      throw invalid("Value at 'audience' failed to satisfy constraint: Member must have length between 1 and 10");
    matching(form, "SigningAlgorithm", /^(RS256|ES384)$/);
    if (form.get("SigningAlgorithm") === "ES384") throw invalid("the sandbox signs with RS256 only");
    const duration = within(form, "DurationSeconds", 300, 60, 3600);
    if (!federation)
      throw new AwsFailure(
        403,
        "OutboundWebIdentityFederationDisabledException",
        "Outbound web identity federation is not enabled for this account",
      );
    const expires = now() + duration;
    const claims = { iss: issuer, sub: caller, aud: audience.length === 1 ? audience[0] : audience };
    const token = jwt({ ...claims, iat: now(), exp: expires, jti: secret() }, privateKey);
    secrets.push(token);
    return { WebIdentityToken: token, Expiration: new Date(expires * 1000).toISOString() };
  };

  const actions: Readonly<Record<string, { readonly run: Action; readonly takes: RegExp }>> = {
    AssumeRole: { run: assumeRole, takes: /^(RoleArn|RoleSessionName|ExternalId|DurationSeconds)$/ },
    GetWebIdentityToken: {
      run: getWebIdentityToken,
      takes: /^(Audience\.member\.\d+|SigningAlgorithm|DurationSeconds)$/,
    },
  };

  return {
    issuer,
    publicKey,
    sessions,
    secrets,
    createRole: (role) => void roles.set(role.arn, role),
    deleteRole: (arn) => void roles.delete(arn),
    setOutboundFederation: (on) => {
      federation = on;
    },
    service: {
      protocol: queryProtocol(NAMESPACE),
      operation: ({ body }) => {
        const form = new URLSearchParams(body);
        const name = form.get("Action") ?? "(none)";
        const action = actions[name];
        if (action === undefined || form.get("Version") !== "2011-06-15")
          throw new AwsFailure(400, "InvalidAction", `Could not find operation ${name} for version 2011-06-15`);
        return {
          name,
          mutating: false,
          input: Object.fromEntries(form),
          run: () => {
            const unknown = [...form.keys()].find((key) => !/^(Action|Version)$/.test(key) && !action.takes.test(key));
            if (unknown !== undefined) throw invalid(`Unknown parameter ${unknown}`);
            return queryReply(NAMESPACE, name, action.run(form));
          },
        };
      },
    },
  };
}

const invalid = (message: string): AwsFailure =>
  new AwsFailure(400, "ValidationError", `1 validation error detected: ${message}`);

function matching(form: URLSearchParams, name: string, pattern: RegExp): string {
  const value = form.get(name) ?? "";
  if (pattern.test(value)) return value;
  throw invalid(`Value at '${name}' failed to satisfy constraint: Member must satisfy regular expression pattern`);
}

function within(form: URLSearchParams, name: string, usual: number, min: number, max: number): number {
  const value = Number(form.get(name) ?? usual);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`Value at '${name}' failed to satisfy constraint: Member must have value between ${min} and ${max}`);
}

function jwt(claims: object, key: KeyObject): string {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encoded({ alg: "RS256", kid: "RSA_0", typ: "JWT" })}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}
