import { Duration } from "aws-cdk-lib";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { CANARY_MAX_AGE, CANARY_RETRIES } from "../limits.ts";
import { readSecret } from "../permissions/own.ts";
import { VrampFunction } from "./vramp-function.ts";

export interface CanaryFunctionProps {
  readonly bundle: string;
  /** Where Alertmanager posts to. */
  readonly url: string;
  readonly tokens: Secret;
}

/** Posts an alert as Alertmanager does. It may read the tokens, and nothing else: the address is public. */
export class CanaryFunction extends VrampFunction {
  constructor(scope: Construct, id: string, { bundle, url, tokens }: CanaryFunctionProps) {
    super(scope, id, {
      name: "canary",
      description: "tries the way of alerts, every hour",
      bundle,
      environment: { VRAMP_ALERTS_URL: url, VRAMP_ALERT_TOKENS_SECRET: tokens.secretArn },
      grants: [readSecret("ReadTokens", tokens.secretArn)],
      asynchronous: { maxEventAge: Duration.seconds(CANARY_MAX_AGE), retryAttempts: CANARY_RETRIES },
    });
  }
}
