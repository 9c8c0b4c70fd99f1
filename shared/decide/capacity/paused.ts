import type { Draft } from "../draft.ts";
import type { Split } from "./split.ts";
import type { Spread } from "./spread.ts";

/** What operators paused stays as it is, pool by pool: a pause outranks even a replacement. */
export function pausedSplit(draft: Draft, { order }: Spread, pools: Split): Split {
  if (draft.pausedUp === null && draft.pausedDown === null) return pools;
  const split = Object.fromEntries(
    order.map(({ size }) => {
      const floor = draft.pausedDown === null ? 0 : size.desired;
      const ceiling = draft.pausedUp === null ? Number.POSITIVE_INFINITY : size.desired;
      return [size.pool.name, Math.min(ceiling, Math.max(floor, pools[size.pool.name] ?? size.desired))];
    }),
  );
  return withoutLoss(draft.want, order, split);
}

/** What a pause keeps from growing elsewhere stays where it is, as far as it is wanted: the most preferred first. */
function withoutLoss(want: number, order: Spread["order"], split: Split): Split {
  const parts = order.map(({ size: { pool, desired } }) => ({
    name: pool.name,
    desired,
    asked: split[pool.name] ?? desired,
  }));
  const present = parts.reduce((sum, p) => sum + p.desired, 0);
  let missing = Math.min(want, present) - parts.reduce((sum, p) => sum + p.asked, 0);
  return Object.fromEntries(
    parts.map(({ name, desired, asked }) => {
      const back = Math.max(0, Math.min(missing, desired - asked));
      missing -= back;
      return [name, asked + back];
    }),
  );
}
