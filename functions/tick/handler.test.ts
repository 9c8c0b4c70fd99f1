import { describe, expect, it } from "vitest";
import type { Wake } from "../../shared/model/observation.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { WakeQueueUnavailable } from "../../shared/wake/wake-queue.ts";
import { fleetOf, MINUTE, NOON, workloadIn } from "../../test/support/fleet.ts";
import { createTickHandler } from "./handler.ts";

async function tickAt(now: number): Promise<readonly Wake[]> {
  const sent: Wake[] = [];
  const queue = { send: async (wakes: readonly Wake[]) => void sent.push(...wakes) };
  await createTickHandler({ policy: async () => fleetOf(), queue, telemetry: SILENT, clock: () => now })();
  return sent;
}

describe("a tick", () => {
  it("wakes every workload of the policy", async () => {
    expect(await tickAt(NOON)).toMatchObject([{ workload: "llm", trigger: "tick", at: NOON }]);
  });

  it("is one wake-up when it is delivered twice, and another the next minute [F24]", async () => {
    const [first, again, next] = await Promise.all([tickAt(NOON), tickAt(NOON + 59), tickAt(NOON + 60)]);
    expect(again?.[0]?.key).toBe(first?.[0]?.key);
    expect(next?.[0]?.key).not.toBe(first?.[0]?.key);
  });

  it("begins with another part of the fleet each minute, so that what was left out comes first", async () => {
    const workloads = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, workloadIn(fleetOf())]));
    const policy = async () => ({ ...fleetOf(), workloads });
    const first: (string | undefined)[] = [];
    const queue = { send: async ([wake]: readonly Wake[]) => void first.push(wake?.workload) };
    const minutes = [0, 1, 2, 3, 4].map((m) => NOON + m * MINUTE);
    for (const at of minutes) await createTickHandler({ policy, queue, telemetry: SILENT, clock: () => at })();
    expect(new Set(first.slice(0, 4)).size).toBe(4);
    expect(first[4]).toBe(first[0]);
  });

  it("fails when the queue does not take it, so that the scheduler tries again", async () => {
    const queue = { send: () => Promise.reject(new WakeQueueUnavailable("down")) };
    const handler = createTickHandler({ policy: async () => fleetOf(), queue, telemetry: SILENT, clock: () => NOON });
    await expect(handler()).rejects.toThrow(WakeQueueUnavailable);
  });
});
