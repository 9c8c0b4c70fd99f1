/** Every time inside vramp is in epoch seconds and every duration in seconds, as in Prometheus, Kubernetes and DynamoDB. */
export type Seconds = number;
export type EpochSeconds = number;
export type Bytes = number;

const SECONDS_PER: Readonly<Record<string, Seconds>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION_PART = /(\d+)(ms|s|m|h|d|w)/g;

/** A Prometheus duration: parts with units, largest first by custom, never a bare number. */
export const DURATION_PATTERN = /^(\d+(ms|s|m|h|d|w))+$/;

/** Seconds in a Prometheus duration such as `90s`, `2m` or `1h30m`; NaN if it is not one. */
export function parseDuration(text: string): Seconds {
  if (!DURATION_PATTERN.test(text)) return Number.NaN;
  let total = 0;
  for (const [, count, unit] of text.matchAll(DURATION_PART))
    total += Number(count) * (SECONDS_PER[unit ?? ""] ?? Number.NaN);
  return total;
}

/** The shortest duration text that means exactly these seconds, rounded to whole seconds: 5400 is `1h30m`. */
export function formatDuration(seconds: Seconds): string {
  let rest = Math.round(Math.abs(seconds));
  if (rest === 0) return "0s";
  const parts: string[] = [];
  for (const unit of ["d", "h", "m", "s"]) {
    const size = SECONDS_PER[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return `${seconds < 0 ? "-" : ""}${parts.join("")}`;
}

const BYTES_PER: Readonly<Record<string, Bytes>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes memory quantity: a number and a binary or decimal suffix. */
export const QUANTITY_PATTERN = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** Bytes in a Kubernetes memory quantity such as `40Gi` or `25000Mi`; NaN if it is not one. */
export function parseQuantity(text: string): Bytes {
  const [, number, suffix] = QUANTITY_PATTERN.exec(text) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (BYTES_PER[suffix ?? ""] ?? Number.NaN);
}
