/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** True in this share of cases, 0 to 1. */
  chance(share: number): boolean;
  /** A number of `[from, to)`. */
  between(from: number, to: number): number;
  /** A whole number of `[from, to]`. */
  whole(from: number, to: number): number;
  /** One of these. The list must not be empty. */
  pick<T>(list: readonly T[]): T;
  /** Numbers of their own, so that one part of the world drawing more or fewer changes nothing elsewhere. */
  fork(name: string): Random;
}

/** FNV-1a of a text: 32 bits, enough to tell forks apart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Mulberry32: a 32-bit state, one multiplication a number. */
function createNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createRandom(seed: string): Random {
  const next = createNumbers(hashOf(seed));
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    chance: (share) => next() < share,
    between: (from, to) => from + next() * (to - from),
    whole,
    pick(list) {
      const found = list[whole(0, list.length - 1)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
