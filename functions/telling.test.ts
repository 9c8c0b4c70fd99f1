import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Aws, startAws } from "../sandbox/clouds/aws.ts";
import type { NodeGroup } from "../sandbox/clouds/eks-node-group.ts";
import { type SlackEmulator, startSlack } from "../sandbox/clouds/slack.ts";
import { createSnsEmulator, type SnsEmulator } from "../sandbox/clouds/sns.ts";
import { createInMemory } from "../shared/memory/in-memory.ts";
import type { Memory } from "../shared/memory/memory.ts";
import { FIRST_PAUSE } from "../shared/notify/limits.ts";
import { createPools } from "../shared/pools/pools.ts";
import type { ReconcileDeps } from "../shared/reconcile/deps.ts";
import { createStaticSecrets } from "../shared/secrets/static.ts";
import { NO_STOP } from "../shared/stop/stop.ts";
import { createPowertools } from "../shared/telemetry/powertools.ts";
import { NOBODY } from "../test/support/dynalite.ts";
import { fleetOf, NOON, steady } from "../test/support/fleet.ts";
import { runFor } from "./reconcile/handler.ts";
import { createTelling } from "./telling.ts";

const PATH = "/services/T1/B1/canary-webhook";
const TOPIC = "arn:aws:sns:eu-central-1:111122223333:gpu";

let now: number;
let aws: Aws;
let sns: SnsEmulator;
let slack: SlackEmulator;
let nodeGroup: NodeGroup;
let memory: Memory;
let written: string[];

beforeEach(async () => {
  now = NOON;
  memory = createInMemory();
  sns = createSnsEmulator(() => now);
  sns.createTopic(TOPIC);
  aws = await startAws({ now: () => now, services: { sns: sns.service } });
  const scaling = { minSize: 0, maxSize: 6, desiredSize: 1 };
  nodeGroup = aws.eks.createNodegroup({ region: "eu-central-1", cluster: "prod", name: "llm", scaling });
  slack = await startSlack(PATH);
  vi.stubEnv("AWS_ENDPOINT_URL_SNS", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", NOBODY.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", NOBODY.secretAccessKey);
  written = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await slack.stop();
  await aws.stop();
});

const policy = fleetOf(
  {},
  {
    notify: [
      { slack: { webhookUrlSecret: "vramp/slack" }, on: ["scaled", "blocked", "failed"] },
      { sns: { topicArn: TOPIC }, on: ["failed"] },
    ],
  },
);

/** One run as the function does it, and what people hear of it; true when the wake-up is dealt with. */
function run(more: Partial<ReconcileDeps> = {}): Promise<boolean> {
  let ids = 0;
  const deps: ReconcileDeps = {
    policy: async () => ({ policy, revision: "r1" }),
    sources: { open: async () => ({ fetch: async () => steady(120, now) }) },
    pools: createPools({ eks: { endpoint: aws.url, credentials: NOBODY } }),
    memory,
    telemetry: createPowertools(),
    clock: () => now,
    stop: NO_STOP,
    newId: () => `id-${now}-${ids++}`,
    ...more,
  };
  const secrets = createStaticSecrets({ "vramp/slack": `https://hooks.slack.com${PATH}` });
  const telling = createTelling(deps, { secrets, slackEndpoint: slack.url });
  const wake = { workload: "llm", trigger: "tick", cause: "tick", at: now, key: `${now}` } as const;
  return runFor(wake, deps, telling.ofRun);
}
const desired = () => nodeGroup.group.bounds.desired;
const titles = () => slack.posted.map(({ text }) => text);
const kept = async () =>
  JSON.stringify([await memory.load("llm"), await memory.history("llm", 100), await memory.outbox("workload#llm")]);

describe("a run that grows a workload", () => {
  it("is told to those who want to hear of it", async () => {
    expect(await run()).toBe(true);
    expect(titles()).toEqual(["[test] scaled: llm: 1 → 3 nodes"]);
    expect(slack.posted[0]?.blocks?.map(({ text }) => text.text)).toContainEqual(
      expect.stringMatching(/^Why: RuleMatched: .*queue/),
    );
    expect(sns.published).toEqual([]);
  });

  it.each(["5xx", "throttle", "denied", "reset", "hang"] as const)(
    "grows it all the same while Slack gives %s, and is told later, once [F88]",
    async (kind) => {
      slack.retryAfter(FIRST_PAUSE);
      slack.fault({ kind });
      expect(await run()).toBe(true);
      expect(desired()).toBe(3);
      expect(titles()).toEqual([]);
      now += FIRST_PAUSE;
      await run();
      expect(titles()).toEqual(["[test] scaled: llm: 1 → 3 nodes"]);
      now += FIRST_PAUSE;
      await run();
      expect(titles()).toHaveLength(1);
    },
  );

  it("does not hold its lease while it tells, so that the next look need not wait [F88]", async () => {
    let leased: unknown = "not asked";
    const { saveOutbox } = memory;
    memory = {
      ...memory,
      async saveOutbox(...args) {
        leased = await memory.acquire("workload#llm", "another", 90, now);
        return saveOutbox(...args);
      },
    };
    await run();
    expect(leased).toMatchObject({ holder: "another" });
    expect((await memory.history("llm", 9)).map(({ type }) => type)).toEqual(["dev.vramp.acted", "dev.vramp.decided"]);
  });

  it("is a success although nothing can be noted of what is to be told [F88]", async () => {
    memory = { ...memory, outbox: () => Promise.reject(new Error("the table does not answer")) };
    expect(await run()).toBe(true);
    expect(desired()).toBe(3);
    expect(titles()).toEqual([]);
  });
});

describe("a run that a cloud refuses", () => {
  it("is told to all who want to hear of failures, once while it lasts [F85]", async () => {
    for (let minute = 0; minute < 3; minute += 1) {
      aws.fault({ operation: "UpdateNodegroupConfig", kind: "denied" });
      await run();
      now += 60;
    }
    expect(titles()).toEqual(["[test] failed: llm: llm 1 → 3 failed (Forbidden)"]);
    expect(sns.published.map(({ subject }) => subject)).toEqual(["[test] failed: llm: llm 1 -> 3 failed (Forbidden)"]);
  });

  it("is told when the node group is gone, once [F85]", async () => {
    aws.eks.deleteNodegroup("eu-central-1", "prod", "llm");
    for (let minute = 0; minute < 3; minute += 1) {
      await run();
      now += 60;
    }
    expect(titles()).toEqual(["[test] failed: llm: llm cannot be seen (NotFound)"]);
  });
});

it("a webhook's address turns up in no log, audit, memory or outbox, whatever Slack answers [T25]", async () => {
  for (const kind of ["5xx", "throttle", "denied", "badJson", "reset", "lost"] as const) {
    slack.fault({ kind });
    await run();
    now += 3600;
  }
  const everything = [...written, await kept()].join("\n");
  vi.restoreAllMocks();
  expect(slack.requests.map(({ path }) => path)).toContain(PATH);
  expect(everything).toContain("a notification was not sent");
  expect(everything).not.toContain("canary");
});
