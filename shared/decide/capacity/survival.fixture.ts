import { NOON } from "../../../test/support/fleet.ts";
import type { LearnedPool } from "../../model/learned.ts";
import type { EpochSeconds } from "../../policy/units.ts";
import { POOL } from "../demand/learn.fixture.ts";
import type { PoolSize } from "../size.ts";
import { spotPool } from "./pools.fixture.ts";
import { sizeWith } from "./sizes.fixture.ts";
import { lookAt } from "./survival.ts";

/** When the pool was looked at before noon, and when it was last refused a node or tried before that. */
export const BEFORE: EpochSeconds = NOON - 60;
export const TRIED: EpochSeconds = NOON - 600;

/** A pool of two nodes that came an hour ago, as it was learned of before. */
export const pastPool = (more: Partial<LearnedPool> = {}): LearnedPool => ({ ...POOL, ...more });

/** The same pool, that refused a node since. */
export const shutPool = (more: Partial<LearnedPool> = {}): LearnedPool =>
  pastPool({ shut: true, limit: 2, refusals: 3, heard: TRIED, triedAt: TRIED, ...more });

/** What is known at noon of a spot pool that stands so, and whose latest refusal was then. */
export const known = (
  last: LearnedPool | undefined,
  size: Partial<PoolSize>,
  refusedAt: EpochSeconds | null = null,
): LearnedPool => lookAt(last, sizeWith(spotPool("spot"), size), refusedAt, BEFORE, NOON);
