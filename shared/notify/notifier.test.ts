import { beforeEach, describe, expect, it } from "vitest";
import { createInMemory } from "../memory/in-memory.ts";
import type { Decision } from "../model/decision.ts";
import type { Message } from "../model/outbox.ts";
import type { Notification } from "../policy/schema/policy.ts";
import { SecretUnavailable } from "../secrets/secrets.ts";
import type { LogFields, Telemetry } from "../telemetry/telemetry.ts";
import { NotSent } from "./errors.ts";
import type { Facts } from "./facts.ts";
import { FIRST_PAUSE, GIVE_UP_AFTER, LONGEST_PAUSE, MAX_AT_ONCE, MAX_SAVES, MAX_WAITING } from "./limits.ts";
import { createNotifier, type OutboxStore } from "./notifier.ts";
import { targetOf } from "./target.ts";

const SLACK: Notification = { slack: { webhookUrlSecret: "hook" }, on: ["scaled", "blocked", "failed"] };
const SNS: Notification = { sns: { topicArn: "arn:aws:sns:eu-central-1:111122223333:gpu" }, on: ["failed"] };
const BOTH = [SLACK, SNS];

let now: number;
let store: OutboxStore;
/** What each target took, by its name. */
let taken: [target: string, headline: string][];
/** How each target fails; one that is not here does not. */
let failing: Map<string, () => Promise<void>>;
let logged: { message: string; fields: LogFields | undefined }[];
let counted: string[];
let ids: number;
beforeEach(() => {
  now = 1000;
  store = createInMemory();
  taken = [];
  failing = new Map();
  logged = [];
  counted = [];
  ids = 0;
});

const note = (message: string, fields?: LogFields) => void logged.push({ message, fields });
const telemetry: Telemetry = {
  info: note,
  warn: note,
  error: note,
  count: (name, value, why) => void counted.push([name, value, why].join(" ")),
};
const notifier = () =>
  createNotifier({
    store,
    telemetry,
    clock: () => now,
    newId: () => `id-${++ids}`,
    open: async (notification) => ({
      send: async ({ notice }: Message) => {
        await failing.get(targetOf(notification))?.();
        taken.push([targetOf(notification), notice.headline]);
      },
    }),
  });

const DECISION: Decision = {
  workload: "llm",
  at: 1000,
  current: 2,
  ready: 2,
  want: 2,
  pools: {},
  remove: {},
  reason: "NoRuleMatched",
  detail: "",
  stages: [],
};
const quiet: Facts = {
  fleet: "prod",
  workload: "llm",
  decision: DECISION,
  observing: false,
  waitIsOver: false,
  stopped: false,
  accepted: [],
  tookEffect: [],
  failed: [],
  unseen: [],
  settled: [],
};
/** A run that grew the workload by so many nodes. */
const grown = (nodes = 1): Facts => ({ ...quiet, accepted: [{ pool: "spot", from: 2, to: 2 + nodes }] });
const refused: Facts = {
  ...quiet,
  failed: [{ pool: "spot", from: 2, to: 4, error: { kind: "Forbidden", message: "denied" } }],
};
const run = (facts: Facts = quiet, notify: readonly Notification[] = BOTH) => notifier().ofRun(facts, notify);
const waiting = async () => (await store.outbox("workload#llm")).value.messages;
const fail = (target: Notification, error: Error) => failing.set(targetOf(target), () => Promise.reject(error));

describe("a run's notice", () => {
  it("goes to every target that wants to hear of such, and then nothing waits", async () => {
    await run(grown());
    await run(refused);
    expect(taken).toEqual([
      ["slack hook", "llm: 2 → 3 nodes"],
      ["slack hook", "llm: spot 2 → 4 failed (Forbidden)"],
      [targetOf(SNS), "llm: spot 2 → 4 failed (Forbidden)"],
    ]);
    expect(await waiting()).toEqual([]);
    expect(counted).toEqual(["NotificationsSent 1 slack", "NotificationsSent 1 slack", "NotificationsSent 1 sns"]);
  });

  it("goes once to a target that the policy names twice", async () => {
    await run(refused, [SLACK, { ...SLACK, on: ["failed"] }]);
    expect(taken).toHaveLength(1);
  });

  it("is stored before it is sent, so that a crash loses nothing", async () => {
    let stored: readonly Message[] = [];
    failing.set(targetOf(SLACK), async () => {
      stored = await waiting();
    });
    await run(grown());
    expect(stored).toMatchObject([{ id: "id-1", at: 1000, targets: ["slack hook"] }]);
  });

  it("is not stored when nobody wants to hear of it, and nothing at all is when nothing is new", async () => {
    await run(grown(), [SNS]);
    await run();
    expect((await store.outbox("workload#llm")).version).toBe(0);
  });

  it("is of a workload or of the fleet, each on its own", async () => {
    fail(SLACK, new NotSent("down"));
    await notifier().ofRefusedPolicy("prod", "line 3", [SLACK]);
    failing.clear();
    now += FIRST_PAUSE;
    await run();
    expect(taken).toEqual([]);
    await notifier().again("prod", [SLACK]);
    expect(taken).toEqual([["slack hook", "the changed policy was refused"]]);
  });
});

describe("a target that is down [F88]", () => {
  it("is tried again by later runs, until it takes what waits, in order", async () => {
    fail(SLACK, new NotSent("down"));
    await run(grown(1));
    now += 30;
    await run(grown(2));
    failing.clear();
    await run();
    expect(taken).toEqual([]);
    now += 30;
    await run();
    expect(taken.map(([, headline]) => headline)).toEqual(["llm: 2 → 3 nodes", "llm: 2 → 4 nodes"]);
    expect((await store.outbox("workload#llm")).value).toMatchObject({ messages: [], pauses: [] });
  });

  it("is left alone twice as long after each failure, and an hour at most", async () => {
    fail(SLACK, new NotSent("down"));
    const tries: number[] = [];
    await run(grown());
    for (let minute = 1; minute <= 240; minute += 1) {
      now += 60;
      const before = counted.length;
      await run();
      if (counted.length > before) tries.push(minute);
    }
    expect(tries).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
    expect(LONGEST_PAUSE).toBe(3600);
  });

  it("is left alone for as long as it asks, but no longer than an hour", async () => {
    fail(SLACK, new NotSent("slow down", 300));
    await run(grown());
    expect((await store.outbox("workload#llm")).value.pauses).toEqual([
      { target: "slack hook", failures: 1, until: 1300 },
    ]);
    now = 1300;
    fail(SLACK, new NotSent("slow down", 999_999));
    await run();
    expect((await store.outbox("workload#llm")).value.pauses).toMatchObject([{ failures: 2, until: 1300 + 3600 }]);
  });

  it("keeps nothing from the others, and they are not told twice", async () => {
    fail(SLACK, new NotSent("down"));
    await run(refused);
    now += FIRST_PAUSE;
    await run();
    expect(taken).toEqual([[targetOf(SNS), "llm: spot 2 → 4 failed (Forbidden)"]]);
    expect(await waiting()).toMatchObject([{ targets: ["slack hook"] }]);
  });

  it("is given up on with a message that is too old, and that is said", async () => {
    fail(SLACK, new NotSent("down"));
    await run(grown());
    now += GIVE_UP_AFTER - 1;
    await run();
    expect(await waiting()).toHaveLength(1);
    now += 1;
    await run();
    expect(await waiting()).toEqual([]);
    expect(logged.at(-1)).toMatchObject({
      message: "a notification was given up",
      fields: { of: "workload#llm", targets: ["slack hook"], headline: "llm: 2 → 3 nodes" },
    });
    expect(counted.at(-1)).toMatch(/^NotificationsDropped 1/);
  });

  it("does not let more wait than fit, and gives up the oldest", async () => {
    fail(SLACK, new NotSent("down"));
    for (let i = 1; i <= MAX_WAITING + 2; i += 1) await run(grown(i));
    expect((await waiting()).map(({ id }) => id).slice(0, 1)).toEqual(["id-3"]);
    expect(await waiting()).toHaveLength(MAX_WAITING);
  });

  it("is not flooded when it is back", async () => {
    fail(SLACK, new NotSent("down"));
    for (let i = 1; i <= MAX_AT_ONCE + 2; i += 1) await run(grown(i));
    failing.clear();
    now += LONGEST_PAUSE;
    await run();
    expect(taken).toHaveLength(MAX_AT_ONCE);
    await run();
    expect(taken).toHaveLength(MAX_AT_ONCE + 2);
  });

  it("that the policy no longer names is forgotten with what waits for it", async () => {
    fail(SLACK, new NotSent("down"));
    await run(grown());
    await run(quiet, [SNS]);
    expect((await store.outbox("workload#llm")).value).toMatchObject({ messages: [], pauses: [] });
    expect(counted.filter((text) => text.startsWith("NotificationsDropped"))).toEqual([]);
  });

  it("and never answers is given up in time, and the run goes on", async () => {
    failing.set(targetOf(SLACK), () => new Promise(() => {}));
    await run(grown());
    expect(await waiting()).toHaveLength(1);
    expect(logged.at(-1)?.fields).toMatchObject({ why: expect.stringContaining("too long") });
  });

  it("because its secret cannot be read says which, and no error says more than it should [T25]", async () => {
    fail(SLACK, new SecretUnavailable("there is no secret hook"));
    fail(SNS, new TypeError("Invalid URL: https://hooks.slack.com/canary"));
    await run(refused);
    expect(logged.map(({ fields }) => fields?.why)).toEqual([
      "there is no secret hook",
      "unexpected failure: TypeError",
    ]);
  });
});

describe("an outbox", () => {
  it("that somebody else saves at the same time keeps both notices", async () => {
    const inner = store;
    let meddled = false;
    store = {
      outbox: (key) => inner.outbox(key),
      async saveOutbox(key, value, expected) {
        if (!meddled) {
          meddled = true;
          const { value: theirs } = await inner.outbox(key);
          const [mine] = value.messages;
          if (mine !== undefined)
            await inner.saveOutbox(key, { ...theirs, messages: [{ ...mine, id: "theirs" }] }, expected);
        }
        return inner.saveOutbox(key, value, expected);
      },
    };
    await run(grown());
    expect(taken).toHaveLength(2);
    expect(await waiting()).toEqual([]);
  });

  it.each([
    ["cannot be read", { outbox: () => Promise.reject(new Error("the table does not answer")) }],
    ["cannot be stored", { saveOutbox: () => Promise.reject(new Error("the table does not answer")) }],
    ["is always saved by others first", { saveOutbox: async () => false }],
  ])("that %s is said, and nothing is thrown [F88]", async (_what, broken) => {
    let saves = 0;
    store = { ...store, ...broken };
    const { saveOutbox } = store;
    const counting: OutboxStore["saveOutbox"] = (...args) => {
      saves += 1;
      return saveOutbox(...args);
    };
    store = { ...store, saveOutbox: counting };
    await run(grown());
    expect(logged.at(-1)).toMatchObject({ message: "people could not be told; nothing else depends on it" });
    expect(saves).toBeLessThanOrEqual(MAX_SAVES);
    expect(taken).toEqual([]);
  });
});
