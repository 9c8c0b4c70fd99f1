import type { Seconds } from "../../shared/policy/units.ts";

/** Notes the spells in which work was late, step by step. */
export interface Breaches {
  readonly note: (late: boolean, length: Seconds) => void;
  readonly spells: () => readonly Seconds[];
}

export function createBreaches(): Breaches {
  const spells: Seconds[] = [];
  let current = 0;
  const close = () => {
    if (current > 0) spells.push(current);
    current = 0;
  };
  return {
    note: (late, length) => {
      if (late) current += length;
      else close();
    },
    spells: () => (current > 0 ? [...spells, current] : spells),
  };
}
