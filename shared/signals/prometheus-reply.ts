import * as z from "zod/mini";
import type { Sample, Series } from "../model/series.ts";
import type { SignalObservation } from "../model/signal.ts";
import type { Signal } from "../policy/schema/signals.ts";
import type { Seconds } from "../policy/units.ts";
import { SignalFault } from "./errors.ts";
import { MAX_SERIES } from "./limits.ts";

/** The label that names the node of a `per: node` signal, with the Kubernetes provider id as its value. */
const NODE_LABEL = "provider_id";

/** Prometheus 2.48 to 2.55 gives its hints among the warnings; from 3.0 they are `infos`. The answer is whole all the same. */
const HINT = /^PromQL info:/;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = new Map([
  ["+Inf", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
]);

/** A sample's value, which Prometheus writes as Go does. Anything but a decimal number or an infinity is NaN. */
export function parseValue(text: string): number {
  return DECIMAL.test(text) ? Number(text) : (INFINITE.get(text) ?? Number.NaN);
}

const inOrder = (samples: readonly Sample[]) =>
  samples.every(([at], i) => i === 0 || at > (samples[i - 1]?.[0] ?? Number.NEGATIVE_INFINITY));

const matrix = z.object({
  resultType: z.literal("matrix"),
  result: z.array(
    z.object({
      metric: z.object({ [NODE_LABEL]: z.optional(z.string()) }),
      // Absent for a series that has native histograms only.
      values: z.optional(
        z
          .array(z.tuple([z.number(), z.pipe(z.string(), z.transform(parseValue))]))
          .check(z.refine(inOrder, "samples out of order")),
      ),
    }),
  ),
});
const shapeless = z.object({ resultType: z.enum(["scalar", "string", "vector"]) });

const reply = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [matrix, shapeless]),
    warnings: z.nullish(z.array(z.string())),
  }),
  z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
]);
export type PrometheusReply = z.output<typeof reply>;
type Matrix = z.output<typeof matrix>["result"];

/** The API's answer; null if the text is none. Never throws. */
export function parseReply(text: string): PrometheusReply | null {
  try {
    const parsed = reply.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function seriesOf(item: Matrix[number], validity: Seconds): Series {
  if (item.values === undefined) {
    throw new SignalFault("wrongShape", "the query gives native histograms; take a quantile, a sum or a count of them");
  }
  return { samples: item.values, validity };
}

function byNode(result: Matrix, validity: Seconds): SignalObservation {
  const nodes = new Map<string, Series>();
  for (const item of result) {
    const node = item.metric[NODE_LABEL];
    if (node === undefined)
      throw new SignalFault("noNodeLabel", `a series lacks ${NODE_LABEL}; aggregate by (${NODE_LABEL})`);
    if (nodes.has(node))
      throw new SignalFault("severalSeries", `node ${node} has several series; aggregate by (${NODE_LABEL})`);
    nodes.set(node, seriesOf(item, validity));
  }
  return { kind: "perNode", nodes: Object.fromEntries(nodes) };
}

/** What an answer says of a signal whose range was evaluated every `step`. Throws `SignalFault`. */
export function observationOf(reply: PrometheusReply, signal: Signal, step: Seconds): SignalObservation {
  if (reply.status === "error") throw new SignalFault("badQuery", `${reply.errorType}: ${reply.error}`);
  const warning = reply.warnings?.find((text) => !HINT.test(text));
  if (warning !== undefined)
    throw new SignalFault("partial", `the source warns that its answer is partial: ${warning}`);
  if (reply.data.resultType !== "matrix") {
    throw new SignalFault("wrongShape", `the query gives a ${reply.data.resultType} where a series was expected`);
  }
  const { result } = reply.data;
  if (result.length > MAX_SERIES) {
    throw new SignalFault(
      "tooManySeries",
      `the query gives ${result.length} series, more than ${MAX_SERIES}; aggregate it`,
    );
  }
  if (signal.per === "node") return byNode(result, step);
  const [only] = result;
  if (only === undefined) return { kind: "empty" };
  if (result.length > 1) {
    throw new SignalFault(
      "severalSeries",
      `the query gives ${result.length} series where one was expected; aggregate it`,
    );
  }
  return { kind: "series", series: seriesOf(only, step) };
}
