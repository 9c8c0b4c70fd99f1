import type { Series } from "./series.ts";

/** Every way a signal can be unknown, each with what the operator should look at. */
export const UNKNOWN = {
  timeout: "The metric source did not answer within the deadline.",
  unreachable: "No connection to the metric source.",
  denied: "The metric source refused our credentials.",
  noCredentials: "Our own credentials for the metric source could not be read.",
  throttled: "The metric source asks for fewer requests.",
  badQuery: "The metric source refused the query.",
  serverError: "The metric source failed.",
  redirected: "The metric source answered with a redirect, which is never followed.",
  notJson: "The answer is not the JSON that this API gives.",
  tooLarge: "The answer is larger than the limit.",
  tooManySeries: "The answer has more series than the limit.",
  partial: "The source says that its answer is partial (warnings).",
  wrongShape: "The query gives no time series (a scalar or a string).",
  severalSeries: "The query gives several series where one was expected; aggregate it.",
  noNodeLabel: "A per-node signal's series lack the provider_id label.",
  empty: "The query gives no series at all.",
  notANumber: "The newest sample is NaN or infinite.",
  sentinel: "The newest sample is an exporter's blank value, not a measurement.",
  outOfRange: "The value does not fit the signal's unit.",
  stale: "The newest sample is older than maxAge.",
  clockSkew: "The source's clock and ours disagree by more than a minute.",
  misconfigured: "The policy describes a metric source, or a signal on it, that vramp cannot use.",
  notSupplied: "The signal was not supplied.",
} as const;

export type UnknownWhy = keyof typeof UNKNOWN;

/** What one request for one signal brought. Whether it means anything is for a reading to say. */
export type SignalObservation =
  | { readonly kind: "series"; readonly series: Series }
  | { readonly kind: "perNode"; readonly nodes: Readonly<Record<string, Series>> }
  | { readonly kind: "empty" }
  | { readonly kind: "unknown"; readonly why: UnknownWhy; readonly detail: string };
