/** Random numbers that one seed determines. */
export interface Random {
  /** The next number of [0, 1), with 32 random bits. */
  readonly next: () => number;
}

const TWO_32 = 2 ** 32;

/** SplitMix32: spreads a seed over the state of the generator, as its authors advise. */
function splitMix(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** xoshiro128** 1.1 (Blackman and Vigna, 2018, https://prng.di.unimi.it/xoshiro128starstar.c). */
export function createRandom(seed: number): Random {
  const fill = splitMix(seed);
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return {
    next: () => {
      const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotated(d, 11);
      return result / TWO_32;
    },
  };
}

/** A standard normal number (Box and Muller, 1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

/** A log-normal number of this median; `sigma` is the deviation of its logarithm. */
export const logNormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(random));

/** Above this mean, counting down a product of uniforms takes longer than rejection. */
const SMALL_MEAN = 10;

/** Knuth, The Art of Computer Programming 2, 3.4.1: as many uniforms as their product stays above e^-mean. */
function smallPoisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}

/** ln(n!) by Stirling's series from 10 on, where it is good to 1e-9, and as a sum below. */
function logFactorial(n: number): number {
  if (n < 10) {
    let sum = 0;
    for (let i = 2; i <= n; i += 1) sum += Math.log(i);
    return sum;
  }
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

/** PTRS, transformed rejection with squeeze (Hörmann, 1993, Insurance: Mathematics and Economics 12). */
function largePoisson(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.next() - 0.5;
    const v = random.next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const accepted = Math.log((v * inverseAlpha) / (a / (us * us) + b));
    if (accepted <= -mean + k * Math.log(mean) - logFactorial(k)) return k;
  }
}

/** A Poisson number of this mean. */
export function poisson(random: Random, mean: number): number {
  if (!(mean > 0)) return 0;
  return mean < SMALL_MEAN ? smallPoisson(random, mean) : largePoisson(random, mean);
}
