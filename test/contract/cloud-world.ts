import { expect } from "vitest";
import type { PoolErrorKind } from "../../shared/model/pool.ts";
import type { Pool } from "../../shared/policy/schema/pools.ts";
import type { Seconds } from "../../shared/policy/units.ts";
import { PoolError } from "../../shared/pools/errors.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";

/** What every cloud can be made to suffer. `lost`: the call is carried out, its reply never arrives. */
export type CloudFault = "throttle" | "5xx" | "hang" | "reset" | "lost" | "denied" | "badJson";

export interface Size {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
}

/** One call that would change something, as the cloud received it. */
export interface Change {
  readonly accepted: boolean;
  readonly input: unknown;
}

/** An emulated cloud and the adapter under test, which talks to it over the wire with limits fit for tests. */
export interface CloudWorld {
  readonly pools: NodePools;
  /** How often the adapter tries one call at most, and how long a hung one may take it in all. */
  readonly attempts: number;
  readonly patience: Seconds;
  /** How long a change is under way, and a node on its way, at most. */
  readonly settle: Seconds;
  readonly launch: Seconds;
  /** The cloud's time. */
  now(): number;
  pass(seconds: Seconds): void;
  /** The bounds that the cloud enforces on any pool, where it keeps none of a pool's own. */
  readonly bounds?: Omit<Size, "desired">;
  /** The cloud has no idempotency keys: a repetition is known by finding what it asks for already there, or under way. */
  readonly keyless?: boolean;
  /** The cloud tries a launch once: whoever still wants the nodes asks again. */
  readonly launchesOnce?: boolean;
  /** Makes a spot pool whose nodes are ready. */
  makePool(size: Size): Pool;
  /** A pool that the cloud has never heard of. */
  unknownPool(): Pool;
  /** The id of a node that another pool of the same cluster has, as that pool's `observe` would give it. */
  foreignNode(): string;
  /** Launches beyond so many nodes fail, for this reason. */
  limit(pool: Pool, nodes: number, because: "capacity" | "quota"): void;
  /** The next calls that change a size or remove a node, or the next calls of any kind, meet the fault. */
  fault(kind: CloudFault, on: "change" | "any", times: number): void;
  /** The next change is accepted, and fails afterwards for want of capacity. */
  failNextChange(pool: Pool): void;
  /** Someone else changes the size. */
  setDesired(pool: Pool, nodes: number): void;
  changes(): readonly Change[];
  /** How many calls of any kind the cloud has seen. */
  callCount(): number;
  /** Everything the cloud holds of the pool that is not its size: labels, taints, maximum. */
  rest(pool: Pool): unknown;
  stop(): Promise<void>;
}

/** The time of a run that is never over. */
export const never = new AbortController().signal;

/** What a promise is refused with; fails the test if it is not refused, or with anything but a `PoolError`. */
async function refusal(promise: Promise<unknown>): Promise<PoolError> {
  const error = await promise.then(
    () => expect.fail("expected a PoolError"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PoolError)) throw error;
  return error;
}

/** Checks that a promise is refused with a `PoolError` of this kind, worded in sentences and without an account's id. */
export async function expectRefusal(promise: Promise<unknown>, kind: PoolErrorKind): Promise<PoolError> {
  const error = await refusal(promise);
  expect({ kind: error.kind, message: error.message }).toEqual({ kind, message: expect.stringMatching(/\S+ .*\.$/) });
  expect(error.message).not.toMatch(/arn:|111122223333/);
  return error;
}
