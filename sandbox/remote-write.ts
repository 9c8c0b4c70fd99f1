import type { EpochSeconds } from "../shared/policy/units.ts";
import type { Metric } from "./fleet/metrics.ts";

// Prometheus' remote write, version 1: a protobuf `WriteRequest` in snappy's block format.
// https://prometheus.io/docs/specs/prw/remote_write_spec/

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const LENGTH_DELIMITED = 2;
const FIXED64 = 1;
const VARINT = 0;
const tag = (field: number, wire: number): Buffer => varint(field * 8 + wire);

function bytesField(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([tag(field, LENGTH_DELIMITED), varint(content.length), content]);
}
const textField = (field: number, text: string): Buffer => bytesField(field, Buffer.from(text));

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

/** What says that a series has ended: a NaN of Prometheus' own, 0x7ff0000000000002. */
const ENDED = Buffer.from("020000000000f07f", "hex");

/** One series with one sample; null for its end. */
function series({ name, labels }: Pick<Metric, "name" | "labels">, value: number | null, at: EpochSeconds): Buffer {
  const named = Object.entries({ ...labels, __name__: name }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sample = Buffer.concat([
    tag(1, FIXED64),
    value === null ? ENDED : double(value),
    tag(2, VARINT),
    varint(Math.round(at * 1000)),
  ]);
  return Buffer.concat([
    ...named.map(([label, text]) => bytesField(1, Buffer.concat([textField(1, label), textField(2, text)]))),
    bytesField(2, sample),
  ]);
}

// The longest literal that two bytes of length can say.
const LITERAL = 65_536;

/** Snappy's block format, with nothing compressed. */
function snappy(content: Buffer): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [varint(content.length)];
  for (let from = 0; from < content.length; from += LITERAL) {
    const literal = content.subarray(from, from + LITERAL);
    const last = literal.length - 1;
    parts.push(Buffer.from([61 << 2, last & 0xff, last >> 8]), literal);
  }
  return Buffer.concat(parts);
}

/** The body of one write: what is exported now, and the end of what no longer is. */
export function writeRequest(
  metrics: readonly Metric[],
  ended: readonly Pick<Metric, "name" | "labels">[],
  at: EpochSeconds,
): Buffer<ArrayBuffer> {
  const all = [
    ...metrics.map((metric) => series(metric, metric.value, at)),
    ...ended.map((metric) => series(metric, null, at)),
  ];
  return snappy(Buffer.concat(all.map((one) => bytesField(1, one))));
}
