import { createAlertsHandler, rawBodyOf } from "../../functions/alerts/handler.ts";
import { startHttp } from "../../functions/http/server.ts";
import { queueUrl } from "../../sandbox/clouds/sqs.ts";
import { systemClock } from "../../shared/model/clock.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { createSecretsManager, createSecretsManagerClient } from "../../shared/secrets/secrets-manager.ts";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { createSqsClient, createSqsQueue } from "../../shared/wake/sqs.ts";
import { NOBODY } from "../support/dynalite.ts";
import { REGION, TOKEN_SECRET } from "./vramp.ts";

export interface DoorOptions {
  readonly policy: () => Promise<PolicyInForce>;
  /** The endpoint of the emulated AWS, whose queue of wake-ups all doors share. */
  readonly endpoint: string;
}

/** One more alerts function at an address of its own, as a second instance of it would be. */
export interface Door {
  readonly url: string;
  /** The bodies that it accepted, oldest first. */
  readonly accepted: readonly string[];
  stop(): Promise<void>;
}

export async function openDoor({ policy, endpoint }: DoorOptions): Promise<Door> {
  const client = { endpoint, region: REGION, credentials: NOBODY };
  const sqsClient = createSqsClient(client);
  const secretsClient = createSecretsManagerClient(client);
  const secrets = createSecretsManager({ client: secretsClient, now: systemClock });
  const alerts = createAlertsHandler({
    policy: async () => (await policy()).policy,
    queue: createSqsQueue({ queueUrl: queueUrl(endpoint, "wakes.fifo"), client: sqsClient }),
    secrets,
    tokenSecret: TOKEN_SECRET,
    telemetry: SILENT,
    clock: systemClock,
  });
  const accepted: string[] = [];
  const noted: typeof alerts = async (event) => {
    const body = await rawBodyOf(event);
    const reply = await alerts({ ...event, body });
    if (reply.statusCode === 202) accepted.push(body);
    return reply;
  };
  const nobody = async () => ({ summary: "nobody invokes here" });
  const http = await startHttp({ alerts: noted, invoke: nobody, secrets, tokenSecret: TOKEN_SECRET }, 0);
  return {
    url: `${http.url}/alerts`,
    accepted,
    async stop() {
      await http.stop();
      sqsClient.destroy();
      secretsClient.destroy();
    },
  };
}
