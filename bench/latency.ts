import { calm, rise } from "../test/end-to-end/incident.ts";
import { startWorld } from "../test/end-to-end/world.ts";
import type { Bench } from "./bench.ts";
import { median } from "./median.ts";

const RISES = 20;
/** What the webhook's way to EKS should take at most, in the median. */
const AIM_MS = 100;

/** How long one rise took on its way, in milliseconds. */
interface Rise {
  readonly metricToRequest: number;
  readonly webhookToRequest: number;
}

async function measure(): Promise<readonly Rise[]> {
  await using started = new AsyncDisposableStack();
  const world = started.adopt(await startWorld(), (each) => each.stop());
  const rises: Rise[] = [];
  for (let n = 0; n < RISES; n += 1) {
    await calm(world);
    const { changedAt, request } = await rise(world);
    const webhook = world.vramp.deliveries.findLast(({ at }) => at <= request.at);
    if (webhook === undefined) throw new Error("EKS was asked for more nodes before any webhook came");
    rises.push({
      metricToRequest: (request.at - changedAt) * 1000,
      webhookToRequest: (request.at - webhook.at) * 1000,
    });
  }
  return rises;
}

const row = (name: string, values: readonly number[]): string =>
  [name.padEnd(36), ...[median(values), Math.max(...values)].map((ms) => `${ms.toFixed(0)} ms`.padStart(10))].join("");

/** From a metric's change and from the webhook's arrival to the EKS request, in the world of the end-to-end tests. */
export const latency: Bench = async (print) => {
  const [first, ...rest] = await measure();
  if (first === undefined) return;
  const rises = [first, ...rest];
  const webhookToRequest = rises.map((each) => each.webhookToRequest);
  print(`latency: ${RISES} rises from 1 node to 3, on loopback`);
  print(`${"".padEnd(36)}${"median".padStart(10)}${"worst".padStart(10)}`);
  print(
    row(
      "metric's change -> EKS request",
      rises.map((each) => each.metricToRequest),
    ),
  );
  print(row("webhook's arrival -> EKS request", webhookToRequest));
  const later = Math.max(...rest.map((each) => each.webhookToRequest));
  print(
    `The first rise, with nothing loaded yet, took ${first.webhookToRequest.toFixed(0)} ms from its webhook on; the slowest after it ${later.toFixed(0)} ms.`,
  );
  print("Of the metric's way 3 s are the rule's own `for`; Prometheus scrapes and evaluates every second.");
  print(
    `The aim is a median of at most ${AIM_MS} ms from webhook to request: ${median(webhookToRequest) <= AIM_MS ? "met" : "missed"}.`,
  );
};
