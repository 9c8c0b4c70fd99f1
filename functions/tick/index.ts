import { TICK_SEND_DEADLINE } from "../../shared/wake/limits.ts";
import { openQueue } from "../queue.ts";
import { clock, policy, policyAhead, telemetry } from "../runtime.ts";
import { createTickHandler } from "./handler.ts";

const queue = openQueue(TICK_SEND_DEADLINE);
await policyAhead();

export const handler = createTickHandler({ policy, queue, telemetry, clock });
