import { access } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listening, listenOnLoopback } from "../functions/http/listen.ts";
import type { Clock } from "../shared/model/clock.ts";
import type { EpochSeconds } from "../shared/policy/units.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import type { Metric } from "./fleet/metrics.ts";
import { writeRequest } from "./remote-write.ts";

/** Where Debian's package puts it. */
const BINARY = "/usr/bin/prometheus";

/** Whether this machine has Prometheus, and what starts it. */
export const hasPrometheus = (): Promise<boolean> =>
  Promise.all([BINARY, "/usr/bin/setpriv"].map((file) => access(file))).then(
    () => true,
    () => false,
  );

/** Prometheus, and how it gets what the fleets export. */
export interface RealPrometheus extends Listening {
  record(metrics: readonly Metric[], at: EpochSeconds): Promise<void>;
}

const keyOf = ({ name, labels }: Metric): string => JSON.stringify([name, Object.entries(labels)]);

/**
 * Debian's Prometheus, given what the fleets export by remote write: a scrape would stamp the samples with the machine's time,
 * and the sandbox has its own. For the same reason a front door puts the sandbox's time on its replies.
 */
export async function startRealPrometheus(now: Clock): Promise<RealPrometheus> {
  const daemon = await startDaemon({
    binary: BINARY,
    config: {},
    files: {},
    args: (folder, configFile) => [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      "--web.enable-remote-write-receiver",
    ],
  });
  const front = await listenOnLoopback((request, response) => {
    forward(request, response, daemon, now).catch(() => response.writeHead(502).end());
  });
  let exported = new Map<string, Metric>();
  return {
    url: front.url,
    async record(metrics, at) {
      const present = new Map(metrics.map((metric) => [keyOf(metric), metric]));
      const ended = [...exported].flatMap(([key, metric]) => (present.has(key) ? [] : [metric]));
      exported = present;
      await write(daemon, writeRequest(metrics, ended, at));
    },
    async stop() {
      await front.stop();
      await daemon.stop();
    },
  };
}

async function write({ url }: Daemon, body: Buffer<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${url}/api/v1/write`, {
    method: "POST",
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "snappy",
      "x-prometheus-remote-write-version": "0.1.0",
    },
    body,
  });
  if (response.ok) return;
  throw new Error(`Prometheus refused what the fleet exported: HTTP ${response.status}: ${await response.text()}`);
}

async function forward(request: IncomingMessage, response: ServerResponse, { url }: Daemon, now: Clock): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "GET", headers } = request;
  const answer = await fetch(`${url}${request.url ?? "/"}`, {
    method,
    ...(headers["content-type"] === undefined ? {} : { headers: { "content-type": headers["content-type"] } }),
    ...(method === "GET" ? {} : { body: Buffer.concat(chunks) }),
  });
  response.sendDate = false;
  response.writeHead(answer.status, {
    "content-type": answer.headers.get("content-type") ?? "application/json",
    date: new Date(now() * 1000).toUTCString(),
  });
  response.end(await answer.text());
}
