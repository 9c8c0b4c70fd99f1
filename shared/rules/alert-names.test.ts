import { expect, test } from "vitest";
import type { Condition } from "../policy/schema/common.ts";
import { alertNames } from "./alert-names.ts";
import type { Cause } from "./causes.ts";

const cause = (signal: string, threshold: number, held = 120, guard?: string): Cause => ({
  condition: { signal, comparison: "above", threshold, for: held } satisfies Condition,
  severity: "warning",
  names: guard === undefined ? [signal] : [signal, guard],
  purposes: [],
});

test.each([
  ["queue", 50, "VrampWorkerLlmQueueAbove50"],
  ["gpu_util-2", 0.85, "VrampWorkerLlmGpuUtil2Above0_85"],
  ["slope", -5, "VrampWorkerLlmSlopeAboveMinus5"],
  ["bytes", 1e21, "VrampWorkerLlmBytesAbove1e21"],
  ["tiny", 1e-7, "VrampWorkerLlmTinyAbove1eMinus7"],
])("a name is made of the workload and the condition: %s above %d", (signal, threshold, name) => {
  expect(alertNames("worker-llm", [], [cause(signal, threshold)])).toEqual([name]);
});

test("conditions that differ only in how long they must hold have names of their own", () => {
  expect(alertNames("w", [], [cause("queue", 50, 600), cause("queue", 50, 120), cause("queue", 50, 0)])).toEqual([
    "VrampWQueueAbove50For10m",
    "VrampWQueueAbove50For2m",
    "VrampWQueueAbove50",
  ]);
});

test("listed names are used where they can only mean one condition", () => {
  const causes = [cause("queue", 50), cause("vramFree", 0.2, 300, "vram-headroom"), cause("gpuUtil", 85)];

  expect(alertNames("worker-llm", ["LLMQueueBuildup", "VRAMHeadroomLow", "DiskFull"], causes)).toEqual([
    "LLMQueueBuildup",
    "VRAMHeadroomLow",
    "VrampWorkerLlmGpuUtilAbove85",
  ]);
});

test.each([
  ["two conditions", ["QueueLong"], [cause("queue", 50), cause("queue", 100)]],
  ["two listed names", ["QueueLong", "QueueGrowing"], [cause("queue", 50)]],
  ["a word too short to mean anything", ["QueueLong"], [cause("que", 50)]],
  ["a name that needs quoting", ["queue is long"], [cause("queue", 50)]],
])("listed names are not used for %s", (_, listed, causes) => {
  for (const name of alertNames("w", listed, causes)) expect(name).toMatch(/^VrampWQue/);
});
