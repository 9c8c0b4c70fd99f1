import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { FaultKind } from "./faults.ts";

/** What passes between Azure Resource Manager's front door (`aks.ts`) and the resources behind it. */

export interface ArmRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ArmReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A call that was understood. `name` is what faults and the log call it; `run` throws `ArmFailure` for what Azure refuses. */
export interface ArmOperation {
  readonly name: string;
  readonly mutating: boolean;
  readonly input: unknown;
  run(): ArmReply;
}

/** One call as the cloud saw it. `status` is null when it was never answered. */
export interface ArmCall {
  readonly at: EpochSeconds;
  readonly operation: string;
  readonly mutating: boolean;
  readonly input: unknown;
  readonly requestId: string | null;
  readonly status: number | null;
  readonly fault: FaultKind | null;
}

/** A refusal. AKS's own are flat; Resource Manager's nest in `error`. */
export class ArmFailure extends Error {
  override readonly name = "ArmFailure";
  readonly status: number;
  readonly code: string;
  readonly flat: boolean;

  constructor(status: number, code: string, message: string, flat = false) {
    super(message);
    this.status = status;
    this.code = code;
    this.flat = flat;
  }

  toReply(): ArmReply {
    const { status, code, message } = this;
    return { status, body: this.flat ? { code, details: null, message, subcode: "" } : { error: { code, message } } };
  }
}

export const invalid = (message: string): ArmFailure => new ArmFailure(400, "InvalidParameter", message);

/** What every AKS pool says while another operation holds it. */
export const inProgress = (name: string, state: string): ArmFailure =>
  new ArmFailure(
    409,
    "OperationNotAllowed",
    `Operation is not allowed: Another agentpool operation (${name} - ${state}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details`,
    true,
  );
