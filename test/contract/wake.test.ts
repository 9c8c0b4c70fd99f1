import { afterEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createSqsEmulator, queueUrl } from "../../sandbox/clouds/sqs.ts";
import { pollInto } from "../../sandbox/clouds/sqs-event-source.ts";
import type { Wake } from "../../shared/model/observation.ts";
import { createInProcessQueue } from "../../shared/wake/in-process.ts";
import { MAX_IN_FLIGHT, MAX_RECEIVE_COUNT, SEND_DEADLINE } from "../../shared/wake/limits.ts";
import { parseWake } from "../../shared/wake/message.ts";
import { createSqsClient, createSqsQueue } from "../../shared/wake/sqs.ts";
import { WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { NOBODY } from "../support/dynalite.ts";
import { SLACK } from "../support/slack.ts";
import { gate, type StartQueue, until, wake, wakeContract } from "./wake.contract.ts";

const VISIBILITY_TIMEOUT = 360;

const startInProcess: StartQueue = async (consume) => {
  let now = 1000;
  const queue = createInProcessQueue({ consume, now: () => now, sleep: async () => {} });
  return {
    queue,
    advance: (duration) => {
      now += duration;
    },
    settle: () => queue.idle(),
    finish: () => queue.idle(),
    deadLetters: () => queue.deadLetters().map((letter) => letter.wake),
    breakDown: () => queue.stop(),
    stop: () => queue.stop(),
  };
};

async function startSqs(consume: (wake: Wake) => Promise<void>) {
  let now = 1000;
  const sqs = createSqsEmulator(() => now);
  const aws = await startAws({ now: () => now, services: { sqs: sqs.service } });
  const dead = sqs.createQueue({ name: "dead.fifo" });
  const wakes = sqs.createQueue({
    name: "wakes.fifo",
    visibilityTimeout: VISIBILITY_TIMEOUT,
    redrive: { to: dead, maxReceiveCount: MAX_RECEIVE_COUNT },
  });
  const source = pollInto({
    queue: wakes,
    pollEvery: null,
    batchSize: 1,
    handler: async ({ Records }) => {
      for (const { body } of Records) await consume(parseWake(body));
      return { batchItemFailures: [] };
    },
  });
  const client = createSqsClient({ endpoint: aws.url, region: "eu-central-1", credentials: NOBODY });
  const deadLetters: Wake[] = [];
  return {
    aws,
    sqs,
    client,
    queue: createSqsQueue({ queueUrl: queueUrl(aws.url, "wakes.fifo"), client }),
    advance: (duration: number) => {
      now += duration;
    },
    settle: () => source.drain(),
    finish: async () => {
      await source.drain();
      while (wakes.counts().inFlight > 0) {
        now += VISIBILITY_TIMEOUT;
        await source.drain();
      }
    },
    deadLetters: () => {
      deadLetters.push(...dead.receive(10).map(({ body }) => parseWake(body)));
      return deadLetters;
    },
    breakDown: async () => aws.fault({ operation: "SendMessageBatch", kind: "5xx", times: 99 }),
    stop: async () => {
      client.destroy();
      await source.stop();
      await aws.stop();
    },
  };
}

wakeContract("in this process", startInProcess);
wakeContract("SQS", startSqs);

describe("the in-process queue", () => {
  it("keeps only the newest of what waits for one workload [F17]", async () => {
    const door = gate();
    const seen: string[] = [];
    const queue = createInProcessQueue({
      now: () => 0,
      consume: async ({ key }) => {
        seen.push(key);
        await door.passed;
      },
    });
    for (const key of ["1", "2", "3"]) await queue.send([wake("llm", key)]);
    door.open();
    await queue.idle();
    expect(seen).toEqual(["1", "3"]);
  });

  it("tries the newest after a failure, and counts the failures of both", async () => {
    const seen: string[] = [];
    const queue = createInProcessQueue({
      now: () => 0,
      sleep: async () => {},
      consume: async ({ key }) => {
        seen.push(key);
        if (key === "1") await queue.send([wake("llm", "2")]);
        throw new Error("no");
      },
    });
    await queue.send([wake("llm", "1")]);
    await queue.idle();
    expect(seen).toEqual(["1", ...Array.from({ length: MAX_RECEIVE_COUNT - 1 }, () => "2")]);
    expect(queue.deadLetters().map((letter) => letter.wake.key)).toEqual(["2"]);
  });

  it("waits longer after each failure", async () => {
    const waits: number[] = [];
    const queue = createInProcessQueue({
      now: () => 0,
      sleep: async (duration) => void waits.push(duration),
      consume: async () => {
        throw new Error("no");
      },
    });
    await queue.send([wake("llm")]);
    await queue.idle();
    expect(waits).toEqual([1, 2, 4, 8]);
  });

  it("runs no more workloads at once than its limit", async () => {
    const door = gate();
    let running = 0;
    let most = 0;
    const queue = createInProcessQueue({
      now: () => 0,
      consume: async () => {
        most = Math.max(most, ++running);
        await door.passed;
        running--;
      },
    });
    await queue.send(Array.from({ length: 3 * MAX_IN_FLIGHT }, (_, n) => wake(`w${n}`)));
    await until(() => running === MAX_IN_FLIGHT);
    door.open();
    await queue.idle();
    expect(most).toBe(MAX_IN_FLIGHT);
    expect(running).toBe(0);
  });

  it("stops after what runs has ended, without starting what waits or another try", async () => {
    const door = gate();
    const seen: string[] = [];
    const queue = createInProcessQueue({
      now: () => 0,
      consume: async ({ key }) => {
        seen.push(key);
        await door.passed;
        throw new Error("no");
      },
    });
    await queue.send([wake("llm", "1")]);
    await queue.send([wake("llm", "2")]);
    const stopped = queue.stop();
    door.open();
    await stopped;
    expect(seen).toEqual(["1"]);
  });
});

describe("the SQS queue", () => {
  let aws: Aws | null = null;
  let stop = async () => {};
  afterEach(() => stop());
  async function started() {
    const under = await startSqs(async () => {});
    stop = under.stop;
    aws = under.aws;
    return under;
  }
  const batches = () => (aws?.calls ?? []).filter(({ operation }) => operation === "SendMessageBatch");

  it("sends in batches of ten", async () => {
    const { queue } = await started();
    await queue.send(Array.from({ length: 21 }, (_, n) => wake(`w${n}`)));
    const sizes = batches().map(({ input }) => (input as { Entries: unknown[] }).Entries.length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([1, 10, 10]);
  });

  it("is unavailable when SQS refuses a single one of many", async () => {
    const { queue } = await started();
    const refused = wake("no spaces in a group");
    await expect(queue.send([wake("llm"), refused])).rejects.toBeInstanceOf(WakeQueueUnavailable);
    await expect(queue.send([wake("llm"), refused])).rejects.toThrow(/1 of 2 refused.*MessageGroupId/);
  });

  it("sends what it can when a batch is refused", async () => {
    const { aws, queue } = await started();
    const many = Array.from({ length: 40 }, (_, i) => wake(`w${i}`));
    aws.fault({ operation: "SendMessageBatch", kind: "denied", times: 1 });
    await expect(queue.send(many)).rejects.toBeInstanceOf(WakeQueueUnavailable);
    expect(aws.calls.filter(({ outcome }) => outcome?.status === 200)).toHaveLength(3);
  });

  it("is unavailable, and says which queue, when there is none", async () => {
    const { aws, client } = await started();
    const queue = createSqsQueue({ queueUrl: queueUrl(aws.url, "elsewhere.fifo"), client });
    await expect(queue.send([wake("llm")])).rejects.toThrow(/elsewhere\.fifo .*QueueDoesNotExist/);
  });

  it.each(["throttle", "denied", "badJson", "reset"] as const)("is unavailable on %s", async (kind) => {
    const { aws, queue } = await started();
    aws.fault({ operation: "*", kind, times: 9 });
    await expect(queue.send([wake("llm")])).rejects.toBeInstanceOf(WakeQueueUnavailable);
  });

  it("is unavailable within its deadline when SQS never answers", async () => {
    const { aws, queue } = await started();
    aws.fault({ operation: "*", kind: "hang", times: 9 });
    const since = performance.now();
    await expect(queue.send([wake("llm")])).rejects.toBeInstanceOf(WakeQueueUnavailable);
    expect((performance.now() - since) / 1000).toBeLessThan(SEND_DEADLINE + SLACK);
  });

  it("enqueues once when only the reply was lost", async () => {
    const { aws, queue, sqs } = await started();
    aws.fault({ operation: "*", kind: "lost" });
    await queue.send([wake("llm")]);
    await until(() => batches().length === 2);
    const { visible, inFlight } = sqs.queue("wakes.fifo").counts();
    expect(visible + inFlight).toBeLessThanOrEqual(1);
  });
});
