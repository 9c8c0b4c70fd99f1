import { createTickHandler } from "../functions/tick/handler.ts";
import { startAws } from "../sandbox/clouds/aws.ts";
import { createSqsEmulator, queueUrl } from "../sandbox/clouds/sqs.ts";
import { SILENT } from "../shared/telemetry/telemetry.ts";
import { TICK_SEND_DEADLINE } from "../shared/wake/limits.ts";
import { createSqsClient, createSqsQueue } from "../shared/wake/sqs.ts";
import { NOBODY } from "../test/support/dynalite.ts";
import { NOON } from "../test/support/fleet.ts";
import type { Bench } from "./bench.ts";
import { countedDynamo, perEach, type Usage } from "./dynamo.ts";
import { calmFleet, fleetOfMany } from "./fleet.ts";

const WORKLOADS = 10_000;
/** Of these every request is counted on its way to dynalite, which takes a hundred times as long. */
const COUNTED = 100;
const WARM = 2;

const number = (value: number): string => Math.round(value).toLocaleString("en-US");

/** What the tick itself sends, through the AWS SDK to an emulated SQS. */
async function tickOnce(workloads: number, print: (line: string) => void): Promise<void> {
  const policy = fleetOfMany(workloads);
  const sqs = createSqsEmulator(() => NOON);
  const wakes = sqs.createQueue({ name: "wakes.fifo" });
  await using started = new AsyncDisposableStack();
  const aws = await startAws({ now: () => NOON, services: { sqs: sqs.service } });
  started.defer(() => aws.stop());
  const client = createSqsClient({ endpoint: aws.url, region: "eu-central-1", credentials: NOBODY });
  started.defer(() => client.destroy());
  const queue = createSqsQueue({
    queueUrl: queueUrl(aws.url, wakes.name),
    client,
    deadline: TICK_SEND_DEADLINE,
  });
  const tick = createTickHandler({ policy: async () => policy, queue, telemetry: SILENT, clock: () => NOON });
  const began = performance.now();
  const outcome = await tick().then(
    ({ woken }) => `${number(woken)} wake-ups sent`,
    () => `NOT all sent within ${TICK_SEND_DEADLINE} s`,
  );
  const seconds = (performance.now() - began) / 1000;
  const batches = aws.calls.filter(({ operation }) => operation === "SendMessageBatch").length;
  const each = (seconds / batches) * 1000;
  print(
    `  tick       ${number(workloads)} workloads: ${outcome}; ${number(batches)} SendMessageBatch, ${number(aws.calls.length - batches)} other calls, ${seconds.toFixed(2)} s, ${each.toFixed(2)} ms a batch`,
  );
}

/** What one look asks of DynamoDB, counted on the wire. */
async function usageOfOneLook(): Promise<Usage> {
  const counted = await countedDynamo();
  try {
    const fleet = calmFleet(fleetOfMany(COUNTED), counted.memory);
    for (let minute = 0; minute < WARM; minute += 1) await fleet.lookAtAll();
    const before = counted.usage();
    await fleet.lookAtAll();
    return perEach(before, counted.usage(), COUNTED);
  } finally {
    await counted.stop();
  }
}

/** One minute of a fleet of 10,000 workloads: the tick, and the looks that come of it, with every call counted. */
export const tickBench: Bench = async (print) => {
  const { requests, readUnits, writeUnits } = await usageOfOneLook();
  print(`tick: one minute of ${number(WORKLOADS)} workloads, counted`);
  await tickOnce(1000, print);
  await tickOnce(WORKLOADS, print);

  const fleet = calmFleet(fleetOfMany(WORKLOADS));
  for (let minute = 0; minute < WARM; minute += 1) await fleet.lookAtAll();
  const { signals, pools } = fleet.asked;
  const seconds = await fleet.lookAtAll();
  const asked = { signals: fleet.asked.signals - signals, pools: fleet.asked.pools - pools };
  print(
    `  looks      ${seconds.toFixed(2)} s of one core with the memory in the process: ${number(asked.signals)} signals read, ${number(asked.pools)} pools read`,
  );
  print(
    `  DynamoDB   ${number(requests * WORKLOADS)} requests, ${number(readUnits * WORKLOADS)} read and ${number(writeUnits * WORKLOADS)} write units (${requests.toFixed(2)} requests a look, counted over ${COUNTED})`,
  );
};
