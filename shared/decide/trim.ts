const DIGITS = 6;

/** A learned number as it is remembered: no estimate is good to more digits, and memory is stored as text. */
export const trim = (value: number): number => Number(value.toPrecision(DIGITS));
