import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, type FunctionProps, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { FUNCTION_LIMITS, type FunctionName } from "../limits.ts";
import { serviceOf } from "../metrics.ts";
import { acknowledgeWildcards } from "../nag.ts";
import { type Grant, toStatement } from "../permissions/grant.ts";
import { writeLogs } from "../permissions/own.ts";
import { POLICY_IN_BUNDLE } from "../policy.ts";

export interface VrampFunctionProps {
  readonly name: FunctionName;
  readonly description: string;
  /** The folder of its bundle. */
  readonly bundle: string;
  /** Variables that `functions/runtime.ts` reads; never a secret. */
  readonly environment: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
  /** How Lambda treats asynchronous calls; only `tick` is called so. */
  readonly asynchronous?: Pick<FunctionProps, "maxEventAge" | "retryAttempts">;
}

/** Where Lambda unpacks a bundle. */
export const TASK_ROOT = "/var/task";

/** One function with a log group and a role of its own; the role may do what `grants` say and write its log, no more. */
export class VrampFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: VrampFunctionProps) {
    super(scope, id);
    const { memory, timeout, concurrency } = FUNCTION_LIMITS[props.name];
    const logGroup = new LogGroup(this, "Log", {
      retention: RetentionDays.THREE_MONTHS, // a quarter's worth of decisions; the audit in the table stays for good
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `vramp ${props.name}: ${props.description}`,
    });
    for (const grant of [...props.grants, writeLogs(logGroup.logGroupArn)]) this.role.addToPolicy(toStatement(grant));
    acknowledgeWildcards(this.role, props.grants);
    this.lambda = new LambdaFunction(this, "Function", {
      description: `vramp ${props.name}: ${props.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64, // a fifth cheaper for the same work, and nothing here is native code
      code: Code.fromAsset(props.bundle),
      handler: "index.handler",
      memorySize: memory,
      timeout: Duration.seconds(timeout),
      reservedConcurrentExecutions: concurrency,
      environment: {
        ...props.environment,
        VRAMP_POLICY_FILE: `${TASK_ROOT}/${POLICY_IN_BUNDLE}`,
        VRAMP_SERVICE: serviceOf(this),
      },
      logGroup,
      role: this.role,
      ...props.asynchronous,
    });
  }
}
