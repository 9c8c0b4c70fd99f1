import { afterEach, beforeEach, expect, it } from "vitest";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { fleetOf, NOON, steady } from "../../test/support/fleet.ts";
import { OPEN_INTENT } from "../../test/support/open-intent.ts";
import { MemoryUnavailable } from "../memory/errors.ts";
import { createInMemory } from "../memory/in-memory.ts";
import type { Memory } from "../memory/memory.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import { createPools } from "../pools/pools.ts";
import { NO_STOP } from "../stop/stop.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import { reconcile } from "./reconcile.ts";

let aws: Aws;
const stored = createInMemory();
beforeEach(async () => {
  aws = await startAws({ now: () => NOON });
  const scaling = { minSize: 0, maxSize: 6, desiredSize: 3 };
  aws.eks.createNodegroup({ region: "eu-central-1", cluster: "prod", name: "llm", scaling });
});
afterEach(() => aws.stop());

const run = (memory: Memory) =>
  reconcile(
    { workload: "llm", trigger: "tick", cause: "tick", at: NOON, key: "k" },
    {
      policy: async () => ({ policy: fleetOf(), revision: "r1" }),
      sources: { open: async () => ({ fetch: async () => steady(30, NOON) }) },
      pools: createPools({
        eks: { endpoint: aws.url, credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" } },
      }),
      memory,
      telemetry: SILENT,
      clock: () => NOON,
      stop: NO_STOP,
      newId: () => "id",
    },
  );

it("what became of a call is in the audit before the memory forgets that there was one", async () => {
  await stored.save("llm", { ...EMPTY_MEMORY, intents: [OPEN_INTENT] }, 0);
  const crashing: Memory = {
    ...stored,
    load: (name) => stored.load(name),
    append: (entry) => stored.append(entry),
    acquire: (...args) => stored.acquire(...args),
    release: (...args) => stored.release(...args),
    history: (...args) => stored.history(...args),
    save: async () => {
      throw new MemoryUnavailable("the table does not answer");
    },
  };

  await expect(run(crashing)).rejects.toThrow(MemoryUnavailable);

  expect((await stored.load("llm")).value.intents).toHaveLength(1);
  expect((await stored.history("llm", 10)).map((e) => e.type)).toEqual(["dev.vramp.resolved"]);
});
