import { openMemory } from "../memory.ts";
import { openQueue } from "../queue.ts";
import { clock, policy, policyAhead, telemetry, variable } from "../runtime.ts";
import { createInterruptionsHandler } from "./handler.ts";

const account = variable("VRAMP_ACCOUNT");
const queue = openQueue();
const memory = openMemory();
await policyAhead();

export const handler = createInterruptionsHandler({ policy, account, queue, memory, telemetry, clock });
