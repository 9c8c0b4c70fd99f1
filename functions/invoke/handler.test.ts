import { describe, expect, it } from "vitest";
import { STAGES } from "../../shared/decide/stages/index.ts";
import { createInMemory } from "../../shared/memory/in-memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { NodePools } from "../../shared/pools/node-pools.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { fleetOf, NOON, poolOf, steady } from "../../test/support/fleet.ts";
import { createInvokeHandler } from "./handler.ts";

function setUp() {
  const woken: Wake[] = [];
  let resizes = 0;
  let now = NOON;
  const seen = poolOf(1);
  const pools: NodePools = {
    observe: async () => {
      if (seen.kind === "seen") return seen.state;
      throw new Error("not seen");
    },
    resize: async (pool) => {
      resizes += 1;
      return { pool: pool.name, token: "t" };
    },
    remove: async (pool) => ({ pool: pool.name, token: "t" }),
    poll: async () => ({ kind: "succeeded" }),
  };
  let ids = 0;
  const memory = createInMemory();
  const invoke = createInvokeHandler({
    policy: async () => ({ policy: fleetOf(), revision: "r1" }),
    sources: { open: async () => ({ fetch: async () => steady(120, now) }) },
    pools,
    memory,
    telemetry: SILENT,
    clock: () => now,
    stop: NO_STOP,
    newId: () => `id-${ids++}`,
    queue: { send: async (wakes) => void woken.push(...wakes) },
  });
  const pass = (seconds: number) => {
    now += seconds;
  };
  return { invoke, woken, memory, pass, resizes: () => resizes };
}

describe("audit", () => {
  it("gives the newest events as they are stored, the newest first", async () => {
    const { invoke } = setUp();
    expect(await invoke({ action: "audit", workload: "llm" })).toMatchObject({
      summary: "llm has no audit",
      events: [],
    });
    for (const nodes of [1, 2, 3]) await invoke({ action: "hold", ...by, nodes, for: "1h" });
    const reply = await invoke({ action: "audit", workload: "llm", last: 2 });
    expect(reply).toMatchObject({ summary: "llm: the newest 2 events", events: [{ sequence: 3 }, { sequence: 2 }] });
  });

  it("gives no more than 500", async () => {
    const reply = await setUp().invoke({ action: "audit", workload: "llm", last: 501 });
    expect(reply.error).toMatchObject({ code: "BadRequest" });
  });
});

const by = { workload: "llm", reason: "release", actor: "on-call" };

describe("plan and explain", () => {
  it("plan says what a run would do, and does nothing [T33]", async () => {
    const { invoke, resizes, memory } = setUp();
    const reply = await invoke({ action: "plan", workload: "llm" });
    const changes = [{ pool: "llm", from: 1, to: 3, waits: null }];
    expect(reply).toMatchObject({ fleet: "test", pending: 1, workloads: [{ current: 1, want: 3, changes }] });
    expect(reply.summary).toBe(
      "llm: 1 → 3 nodes (RuleMatched: queue above 50 for 2m: yes, queue is 120 and has been for 30m)",
    );
    expect(Object.keys(reply)[0]).toBe("summary");
    expect(resizes()).toBe(0);
    expect((await memory.load("llm")).version).toBe(0);
  });

  it("explain gives every stage in order, and what would change the size, from the same look", async () => {
    const { invoke } = setUp();
    const reply = await invoke({ action: "explain", workload: "llm" });
    const names = STAGES.map(([name]) => ({ stage: name }));
    expect(reply).toMatchObject({
      mode: "enforce",
      decision: { want: 3, stages: names },
      gpus: { physical: 8, logical: 8 },
    });
    expect(reply.outlook).toEqual({
      grow: ["adds 2 when this holds", "- queue above 50 for 2m: holds"],
      shrink: ["removes 1 when this holds", "- queue below 10 for 15m: is 120"],
      waiting: [],
    });
    expect(JSON.parse(JSON.stringify(reply))).toEqual(reply);
  });
});

describe("status", () => {
  it("shows every workload, its pools and its last decision", async () => {
    const reply = await setUp().invoke({ action: "status" });
    expect(reply).toMatchObject({
      summary: "test: 1 workloads, 1 nodes asked for, 1 ready",
      workloads: [
        { workload: "llm", desired: 1, ready: 1, pools: [{ name: "llm", status: "active" }], lastDecision: null },
      ],
    });
  });
});

describe("an operator's word", () => {
  it("hold is in force until its expiry, wakes the workload and stands in the audit [F62]", async () => {
    const { invoke, woken, memory, pass } = setUp();
    await invoke({ action: "hold", nodes: 4, for: "30m", ...by });
    expect(await invoke({ action: "plan", workload: "llm" })).toMatchObject({
      workloads: [{ want: 4, reason: "Held" }],
    });
    expect(woken).toMatchObject([{ workload: "llm", trigger: "invoke", cause: "hold" }]);
    const [event] = await memory.history("llm", 1);
    expect(event?.data).toMatchObject({ kind: "hold", nodes: 4, reason: "release", actor: "on-call" });
    pass(30 * 60);
    expect(await invoke({ action: "plan", workload: "llm" })).toMatchObject({
      workloads: [{ want: 3, reason: "RuleMatched" }],
    });
  });

  it("wake keeps a floor until its expiry", async () => {
    const { invoke, memory } = setUp();
    await invoke({ action: "wake", nodes: 5, for: "1h", ...by });
    expect(await invoke({ action: "plan" })).toMatchObject({ workloads: [{ want: 5, reason: "Woken" }] });
    expect((await memory.load("llm")).value.overrides).toMatchObject([{ kind: "wake", nodes: 5 }]);
  });

  it("pause forbids its direction, and resume ends it", async () => {
    const { invoke } = setUp();
    await invoke({ action: "pause", direction: "out", for: "1h", ...by });
    expect(await invoke({ action: "plan", workload: "llm" })).toMatchObject({
      workloads: [{ want: 1, reason: "Paused" }],
    });
    await invoke({ action: "resume", ...by });
    expect(await invoke({ action: "plan" })).toMatchObject({ workloads: [{ want: 3 }] });
  });

  it("a new hold replaces the one before", async () => {
    const { invoke, memory } = setUp();
    await invoke({ action: "hold", nodes: 4, for: "30m", ...by });
    await invoke({ action: "hold", nodes: 2, for: "30m", ...by });
    expect((await memory.load("llm")).value.overrides).toMatchObject([{ kind: "hold", nodes: 2 }]);
  });

  it("said twice under one request id is said once [F25]", async () => {
    const { invoke, woken } = setUp();
    const request = { action: "hold", nodes: 4, for: "30m", requestId: "r-1", ...by };
    const first = await invoke(request);
    const again = await invoke(request);
    expect(again.earlier).toEqual(first);
    expect(woken).toHaveLength(1);
  });

  it("reconcile wakes the workload, and touches no cloud itself [T20]", async () => {
    const { invoke, woken, resizes } = setUp();
    await invoke({ action: "reconcile", workload: "llm" });
    expect(woken).toMatchObject([{ cause: "reconcile" }]);
    expect(resizes()).toBe(0);
  });
});

describe("what cannot be done", () => {
  it.each([
    ["nothing", undefined, "BadRequest", "expected object"],
    ["text", "plan", "BadRequest", "expected object"],
    ["another action", { action: "destroy" }, "BadRequest", "action"],
    ["an unknown field", { action: "plan", workload: "llm", size: 9 }, "BadRequest", "size"],
    ["an unknown workload", { action: "plan", workload: "nope" }, "UnknownWorkload", "it has llm"],
    ["an object's own part", { action: "plan", workload: "constructor" }, "UnknownWorkload", "no workload"],
    ["a hold without an end", { action: "hold", nodes: 2, ...by }, "BadRequest", "for"],
    ["a hold for too long", { action: "hold", nodes: 2, for: "8d", ...by }, "BadRequest", "at most 7d"],
    ["a hold above nodes.max", { action: "hold", nodes: 7, for: "1h", ...by }, "BadRequest", "nodes.max"],
    ["a pause without a reason", { action: "pause", workload: "llm", for: "1h" }, "BadRequest", "reason"],
  ])("%s", async (_, request, code, text) => {
    const { invoke, woken } = setUp();
    const reply = await invoke(request);
    expect(reply.error?.code).toBe(code);
    expect(reply.summary).toContain(text);
    expect(woken).toEqual([]);
  });
});
