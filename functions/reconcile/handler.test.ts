import type { SQSRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { MemoryUnavailable } from "../../shared/memory/errors.ts";
import { createInMemory } from "../../shared/memory/in-memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";
import type { ReconcileDeps } from "../../shared/reconcile/deps.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import type { HandBack } from "../../shared/wake/hand-back.ts";
import { formatWake } from "../../shared/wake/message.ts";
import { fleetOf, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import { createReconcileHandler } from "./handler.ts";

const base = fleetOf();
const { llm } = base.workloads;
if (llm === undefined) throw new Error("no workload");
const policy = {
  ...base,
  workloads: { llm, other: { ...llm, pools: llm.pools.map((p) => ({ ...p, name: "other" })) } },
};

/** Workloads in the order in which they were looked at; a look at one in `failing` fails for a passing reason. */
function setUp(failing: readonly string[] = [], handBack?: HandBack) {
  const looked: string[] = [];
  const memory = createInMemory();
  const seen = poolOf(1);
  const state = seen.kind === "seen" ? seen.state : null;
  if (state === null) throw new Error("not seen");
  const pools: NodePools = {
    observe: async () => state,
    resize: async (pool) => ({ pool: pool.name, token: "t" }),
    remove: async (pool) => ({ pool: pool.name, token: "t" }),
    poll: async () => ({ kind: "succeeded" }),
  };
  const deps: ReconcileDeps = {
    policy: async () => ({ policy, revision: "r" }),
    sources: { open: async () => ({ fetch: async () => steady(30, NOON) }) },
    pools,
    memory: {
      ...memory,
      load: async (workload) => {
        looked.push(workload);
        if (failing.includes(workload)) throw new MemoryUnavailable("down");
        return memory.load(workload);
      },
    },
    telemetry: SILENT,
    clock: () => NOON,
    stop: NO_STOP,
    newId: () => `id-${looked.length}-${Math.random()}`,
  };
  return { looked, handler: createReconcileHandler(deps, undefined, handBack) };
}

const wakeOf = (workload: string): string => {
  const wake: Wake = { workload, trigger: "tick", cause: "tick", at: NOON, key: workload };
  return formatWake(wake);
};

const record = (messageId: string, group: string, body: string): SQSRecord => ({
  messageId,
  receiptHandle: messageId,
  body,
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: "0",
    SenderId: "s",
    ApproximateFirstReceiveTimestamp: "0",
    MessageGroupId: group,
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:eu-central-1:111122223333:wakes.fifo",
  awsRegion: "eu-central-1",
});

const failed = (response: { batchItemFailures: { itemIdentifier: string }[] }) =>
  response.batchItemFailures.map((f) => f.itemIdentifier);

describe("a batch", () => {
  it("looks at each workload once, however many messages it has [F17]", async () => {
    const { handler, looked } = setUp();
    const Records = [
      record("1", "llm", wakeOf("llm")),
      record("2", "llm", wakeOf("llm")),
      record("3", "other", wakeOf("other")),
    ];
    expect(failed(await handler({ Records }))).toEqual([]);
    expect(looked.sort()).toEqual(["llm", "other"]);
  });

  it("hands back the messages of a workload that failed, and only those [F20]", async () => {
    const { handler } = setUp(["llm"]);
    const Records = [
      record("1", "llm", wakeOf("llm")),
      record("2", "other", wakeOf("other")),
      record("3", "llm", wakeOf("llm")),
    ];
    expect(failed(await handler({ Records }))).toEqual(["1", "3"]);
  });

  it("hands back a poison message and everything behind it in its group, and blocks no other [F19] [F20]", async () => {
    const { handler, looked } = setUp();
    const Records = [
      record("1", "llm", wakeOf("llm")),
      record("2", "llm", "{}"),
      record("3", "llm", wakeOf("llm")),
      record("4", "other", wakeOf("other")),
    ];
    expect(failed(await handler({ Records }))).toEqual(["2", "3"]);
    expect(looked.sort()).toEqual(["llm", "other"]);
  });

  it("drops a wake-up for a workload that the policy no longer has", async () => {
    expect(failed(await setUp().handler({ Records: [record("1", "gone", wakeOf("gone"))] }))).toEqual([]);
  });

  it("of nothing is nothing", async () => {
    expect(failed(await setUp().handler({ Records: [] }))).toEqual([]);
  });
});

describe("what goes back", () => {
  const Records = [record("1", "llm", wakeOf("llm")), record("2", "other", wakeOf("other")), record("3", "llm", "{}")];

  it("comes again soon, all of its group together, and nothing else [F20]", async () => {
    const back: Parameters<HandBack>[] = [];
    const { handler } = setUp(["llm"], async (...asked) => void back.push(asked));
    await handler({ Records });
    expect(back).toEqual([[["1", "3"], 30]]);
  });

  it("is handed back all the same when it cannot be made to come soon", async () => {
    const { handler } = setUp(["llm"], () => Promise.reject(new Error("denied")));
    expect(failed(await handler({ Records }))).toEqual(["1", "3"]);
  });
});
