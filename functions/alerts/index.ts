import { openQueue } from "../queue.ts";
import { clock, policy, policyAhead, telemetry, variable } from "../runtime.ts";
import { lazySecrets } from "../secrets.ts";
import { createAlertsHandler } from "./handler.ts";

const tokenSecret = variable("VRAMP_ALERT_TOKENS_SECRET");
const queue = openQueue();
await policyAhead();

export const handler = createAlertsHandler({ policy, queue, secrets: lazySecrets(), tokenSecret, telemetry, clock });
