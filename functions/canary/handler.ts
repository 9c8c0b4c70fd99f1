import type { Clock } from "../../shared/model/clock.ts";
import type { EpochSeconds } from "../../shared/policy/units.ts";
import type { Secrets } from "../../shared/secrets/secrets.ts";
import { liveTokens } from "../alerts/auth.ts";
import { CANARY } from "../alerts/route.ts";

export interface CanaryDeps {
  /** Where Alertmanager posts to. */
  readonly url: string;
  readonly secrets: Secrets;
  /** The secret that holds the live tokens. */
  readonly tokenSecret: string;
  readonly clock: Clock;
}

/** Milliseconds: above API Gateway's own patience with a cold `alerts`. */
const ANSWER_TIMEOUT_MS = 20_000;

/** The alert path did not take the canary. */
export class CanaryLost extends Error {
  override readonly name = "CanaryLost";
}

/** What Alertmanager would post, with one alert that is of no workload. */
const notificationAt = (now: EpochSeconds): string =>
  JSON.stringify({
    version: "4",
    receiver: "vramp-canary",
    groupKey: `{}:{alertname="${CANARY}"}`,
    alerts: [
      {
        status: "firing",
        labels: { alertname: CANARY },
        startsAt: new Date(now * 1000).toISOString(),
        fingerprint: CANARY,
      },
    ],
  });

/**
 * Posts one alert as Alertmanager does: through the public address, over TLS, with a live token. `alerts` counts it. Throws
 * `CanaryLost` unless it is answered 202, so that Lambda tries again.
 */
export function createCanaryHandler(deps: CanaryDeps): () => Promise<{ readonly summary: string }> {
  return async () => {
    // The last: while tokens change, the one before the new one, which `alerts` knows whichever version it has cached.
    const token = (await liveTokens(deps.secrets, deps.tokenSecret)).at(-1);
    const response = await fetch(deps.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: notificationAt(deps.clock()),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new CanaryLost(`${deps.url} did not answer; Alertmanager cannot reach it either`, { cause });
    });
    if (response.status === 202) return { summary: `${deps.url} took the canary` };
    throw new CanaryLost(
      `${deps.url} answered the canary with ${response.status}; the log of alerts, and of its API, says why`,
    );
  };
}
