import type { EpochSeconds } from "../../shared/policy/units.ts";
import { NodePool, type NodePoolSpec } from "./gke-node-pool.ts";
import { GoogleFailure } from "./gke-wire.ts";

export interface OperationError {
  readonly code: number;
  readonly message: string;
}

export interface Operation {
  readonly name: string;
  readonly type: "SET_NODE_POOL_SIZE" | "SET_NODE_POOL_AUTOSCALING" | "UPGRADE_NODES";
  readonly pool: NodePool;
  readonly startedAt: EpochSeconds;
  /** When it leaves PENDING and does what it is for. */
  readonly runsAt: EpochSeconds;
  readonly endsAt: EpochSeconds;
  readonly error: OperationError | null;
}

/** One cluster: its node pools, and the one operation that it is busy with. */
export class Cluster {
  readonly locations: readonly string[];
  readonly pools = new Map<string, NodePool>();
  readonly #path: string;
  #operations: readonly Operation[] = [];
  #due: { readonly operation: Operation; readonly run: (at: EpochSeconds) => void } | null = null;
  #nextFailure: OperationError | null = null;

  constructor(path: string, locations: readonly string[]) {
    this.#path = path;
    this.locations = locations;
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  add(spec: NodePoolSpec, at: EpochSeconds): NodePool {
    if (this.pools.has(spec.name)) throw new Error(`there is a node pool ${this.#path}/nodePools/${spec.name} already`);
    const pool = new NodePool(spec, spec.locations ?? this.locations, at);
    this.pools.set(spec.name, pool);
    return pool;
  }

  advance(now: EpochSeconds): void {
    const due = this.#due;
    if (due !== null && due.operation.runsAt <= now) {
      this.#due = null;
      due.run(due.operation.runsAt);
    }
    for (const pool of this.pools.values()) pool.advance(now);
  }

  inFlight(now: EpochSeconds): Operation | undefined {
    return this.#operations.find((operation) => operation.endsAt > now);
  }

  /** Begins an operation; GKE takes one at a time, whichever node pool it is about. */
  begin(pool: NodePool, type: Operation["type"], run: (at: EpochSeconds) => void, now: EpochSeconds): Operation {
    const other = this.inFlight(now);
    if (other !== undefined)
      throw new GoogleFailure(
        "FAILED_PRECONDITION",
        `Cluster is running incompatible operation ${other.name}.`,
        "CLUSTER_ALREADY_HAS_OPERATION",
      );
    const runsAt = now + pool.pace.pending;
    const name = `operation-${Math.round(now * 1000)}-${String(this.#operations.length + 1).padStart(8, "0")}`;
    const endsAt = runsAt + pool.pace.running;
    const operation = { name, type, pool, startedAt: now, runsAt, endsAt, error: this.#nextFailure };
    this.#nextFailure = null;
    this.#operations = [...this.#operations, operation];
    this.#due = operation.error === null ? { operation, run } : null;
    this.advance(now);
    return operation;
  }

  /** The next operation is accepted, and ends with this error and nothing changed. */
  failNextOperation(error: OperationError): void {
    this.#nextFailure = error;
  }
}
