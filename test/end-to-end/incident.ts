import { z } from "zod";
import type { AwsCall } from "../../sandbox/clouds/aws.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import { eventually } from "./eventually.ts";
import type { Delivery } from "./vramp.ts";
import type { World } from "./world.ts";

/** Tasks that wait: a queue that `policy.yaml` calls long, and none. */
export const LONG_QUEUE = 120;
export const NO_QUEUE = 0;

/** VRAM that is free, as a share of each card: above and below what the guard of `policy.yaml` asks for. */
export const PLENTY_OF_VRAM = 0.45;
export const LITTLE_VRAM = 0.1;

const resize = z.object({ scalingConfig: z.object({ desiredSize: z.number() }) });

/** The sizes that EKS was asked for, oldest first. */
export const sizesAskedFor = (calls: readonly AwsCall[]): readonly number[] =>
  calls.map(({ input }) => resize.parse(input).scalingConfig.desiredSize);

const webhook = z.object({
  truncatedAlerts: z.number(),
  alerts: z.array(z.object({ status: z.enum(["firing", "resolved"]), startsAt: z.string(), endsAt: z.string() })),
});
type Webhook = z.output<typeof webhook>;
const notification = ({ body }: Delivery): Webhook => webhook.parse(JSON.parse(body));

/** The first webhook of Alertmanager's of this kind, once there is one, lost or not, that vramp did not ask it to send again. */
export function webhookOf(world: World, expected: string, isIt: (webhook: Webhook) => boolean): Promise<Delivery> {
  return eventually(`Alertmanager says that ${expected}`, () =>
    world.vramp.deliveries.find((each) => each.fromAlertmanager && each.status !== 503 && isIt(notification(each))),
  );
}

/** The webhook for an alert that began or ended since then; not a late try of an earlier one. */
export const webhookAfter = (world: World, status: "firing" | "resolved", since: EpochSeconds): Promise<Delivery> =>
  webhookOf(world, `an alert is ${status}`, ({ alerts }) =>
    alerts.some(
      (alert) =>
        alert.status === status && Date.parse(status === "firing" ? alert.startsAt : alert.endsAt) > since * 1000,
    ),
  );

/** Lets the queue grow and waits until EKS is asked for more nodes. `changedAt`: when the metric changed. */
export async function rise(world: World): Promise<{ readonly changedAt: EpochSeconds; readonly request: AwsCall }> {
  const before = world.resizes().length;
  const changedAt = systemClock();
  world.exporter.setQueue(LONG_QUEUE);
  const request = await eventually("EKS is asked for more nodes", () => world.resizes()[before]);
  return { changedAt, request };
}

/** Waits until so many nodes are in service. */
export const nodesReady = (world: World, nodes: number): Promise<true> =>
  eventually(`${nodes} nodes are in service`, () => world.size().ready === nodes);

/**
 * Ends whatever incident there is: the queue is empty, no alert is left, Alertmanager has said so, and there is one node with
 * nothing remembered.
 */
export async function calm(world: World): Promise<void> {
  world.vramp.loseFromAlertmanager(false);
  world.exporter.setQueue(NO_QUEUE);
  world.exporter.setVramFree(PLENTY_OF_VRAM);
  await eventually("no alert is left in Prometheus", async () => !(await world.holds("ALERTS")));
  await eventually("Alertmanager has taken back what it said", () => {
    const last = world.vramp.deliveries.findLast((each) => each.fromAlertmanager && each.status === 202);
    return last === undefined || notification(last).alerts.every((alert) => alert.status === "resolved");
  });
  await allLooksDone(world);
  await world.reset();
}

/** Waits until no message waits for the reconcile function. */
export const allLooksDone = (world: World): Promise<true> =>
  eventually("every message has been dealt with", () => world.vramp.backlog().waiting === 0);
