import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { createSnsEmulator, type SnsEmulator } from "../../sandbox/clouds/sns.ts";
import { NOBODY } from "../../test/support/dynalite.ts";
import { everythingIn } from "../../test/support/secrets-in.ts";
import { messageOf } from "./notice.fixture.ts";
import { createSns } from "./sns.ts";

const TOPIC = "arn:aws:sns:us-west-2:111122223333:gpu";

let aws: Aws;
let sns: SnsEmulator;
beforeEach(async () => {
  sns = createSnsEmulator(() => 1000);
  aws = await startAws({ now: () => 1000, services: { sns: sns.service } });
  for (const arn of [TOPIC, `${TOPIC}.fifo`]) sns.createTopic(arn);
});
afterEach(() => aws.stop());

const send = (topicArn: string, ...of: Parameters<typeof messageOf>) =>
  createSns(topicArn, { endpoint: aws.url, credentials: NOBODY }).send(messageOf(...of), AbortSignal.timeout(60_000));

describe("a message to a topic", () => {
  it("has a subject of plain ASCII, the whole text, and attributes to filter by", async () => {
    await send(TOPIC, { occasions: ["failed", "scaled"] });
    expect(sns.published).toEqual([
      {
        topicArn: TOPIC,
        subject: "[prod] failed, scaled: llm: 2 -> 4 nodes",
        message: [
          "[prod] failed, scaled: llm: 2 → 4 nodes",
          "",
          "About: prod / llm",
          "What:",
          "• 2 → 4 nodes",
          "• spot 2 → 4",
          "Why: RuleMatched: queue is 120, above 50 for 2m",
          "To do: nothing",
          "More: vramp explain llm",
        ].join("\n"),
        attributes: { fleet: "prod", workload: "llm", occasions: '["failed","scaled"]' },
        group: null,
      },
    ]);
  });

  it("goes through with a headline that no subject can hold", async () => {
    await send(TOPIC, { headline: `${"ü".repeat(300)}`, workload: null });
    expect(sns.published[0]).toMatchObject({ attributes: { fleet: "prod" } });
  });

  it("that keeps an order is of its workload's group, and is taken once when it is sent twice", async () => {
    for (const id of ["m1", "m1", "m2"]) await send(`${TOPIC}.fifo`, {}, id);
    expect(sns.published.map(({ group }) => group)).toEqual(["llm", "llm"]);
  });
});

describe("a topic that does not take a message", () => {
  it.each([
    ["throttle", "Throttling"],
    ["5xx", "InternalFailure"],
    ["denied", "AccessDenied"],
    ["reset", ""],
  ] as const)("is told by its ARN and the error's name alone: %s [F88] [T25]", async (kind, name) => {
    aws.fault({ operation: "Publish", kind });
    const error = await send(TOPIC).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "NotSent", message: expect.stringContaining(`for ${TOPIC} (${name}`) });
    expect(everythingIn(error)).not.toContain("assumed-role");
  });

  it("is one that is not there", async () => {
    await expect(send(`${TOPIC}s`)).rejects.toThrow(/NotFound.*; check that the topic exists/);
  });

  it("is not asked twice in one run", async () => {
    aws.fault({ operation: "Publish", kind: "5xx", times: 9 });
    await expect(send(TOPIC)).rejects.toThrow("did not take");
    expect(aws.calls).toHaveLength(1);
  });
});
