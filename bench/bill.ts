import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FUNCTION_LIMITS, BATCH_SIZE as RECEIVED_AT_ONCE } from "../infra/limits.ts";
import { BATCH_SIZE as SENT_AT_ONCE } from "../shared/wake/limits.ts";
import type { Bench } from "./bench.ts";
import { countedDynamo, perEach, type Usage } from "./dynamo.ts";
import { calmFleet, fleetOfMany } from "./fleet.ts";
import { PRICES } from "./prices.ts";

/** Minutes, and hours, of a month: 730 hours. */
const MINUTES = 43_800;
const HOURS = 730;
const FLEETS = [1, 10, 1000] as const;

/** Looks counted, after as many minutes to fill the memory as its longest window has. */
const LOOKS = 20;
const WARM = 20;
const LOGGED = 200;

/**
 * What no machine of ours can measure: seconds of a run in AWS, where clouds and metrics answer over a network, and of a tick;
 * bytes that Lambda logs of each run by itself; and alerts a month.
 */
const ASSUMED = { run: 1.5, tick: 0.2, runLog: 300, alerts: 10_000 } as const;

/** Whoever polls a queue for a function: five at once, each for 20 s when nothing comes. */
const EMPTY_RECEIVES = 5 * 3 * MINUTES;

/** What the stack has whatever the fleet's size: counts with their reasons, metrics in alarms, queues of events. */
const FIXED = { counts: 16, alarmMetrics: 36 } as const;
/** Metrics of each workload: nodes wanted, and asked for. */
const METRICS_EACH = 2;

interface PerLook extends Usage {
  readonly logBytes: number;
}

async function measureLook(): Promise<PerLook> {
  const counted = await countedDynamo();
  try {
    const fleet = calmFleet(fleetOfMany(1), counted.memory);
    for (let minute = 0; minute < WARM; minute += 1) await fleet.lookAtAll();
    const before = counted.usage();
    for (let minute = 0; minute < LOOKS; minute += 1) await fleet.lookAtAll();
    const script = fileURLToPath(new URL("logged-looks.ts", import.meta.url));
    const logged = (looks: number) => execFileSync(process.execPath, [script, String(looks)]).byteLength;
    // The first look has something new to say; only what each one after it says counts.
    const logBytes = (logged(LOGGED + 1) - logged(1)) / LOGGED;
    return { ...perEach(before, counted.usage(), LOOKS), logBytes };
  } finally {
    await counted.stop();
  }
}

/** What a month costs, by what it is for; `runs`: how many times `reconcile` runs for its looks. */
function monthOf(workloads: number, look: PerLook, runs: number): readonly (readonly [string, number])[] {
  const looks = workloads * MINUTES;
  const gbSeconds = (seconds: number, { memory }: { readonly memory: number }) => (seconds * memory) / 1024;
  const { reconcile, tick } = FUNCTION_LIMITS;
  const lambda = gbSeconds(runs * ASSUMED.run, reconcile) + gbSeconds(MINUTES * ASSUMED.tick, tick);
  const sends = MINUTES * Math.ceil(workloads / SENT_AT_ONCE);
  const metrics = FIXED.counts + METRICS_EACH * workloads;
  return [
    ["Lambda, GB-seconds", lambda * PRICES.lambdaGbSecond],
    ["Lambda, requests", ((runs + MINUTES + HOURS + ASSUMED.alerts) / 1e6) * PRICES.lambdaRequests],
    ["DynamoDB, writes", ((looks * look.writeUnits) / 1e6) * PRICES.dynamoWrites],
    ["DynamoDB, reads", ((looks * look.readUnits) / 1e6) * PRICES.dynamoReads],
    // Each run is a receive and a delete.
    ["SQS FIFO", ((sends + 2 * runs + EMPTY_RECEIVES) / 1e6) * PRICES.sqsFifo],
    ["SQS, queue of events", (EMPTY_RECEIVES / 1e6) * PRICES.sqsStandard],
    ["EventBridge Scheduler", ((MINUTES + HOURS) / 1e6) * PRICES.schedulerCalls],
    ["CloudWatch GetMetricData, one signal each", (looks / 1000) * PRICES.getMetricData],
    ["logs", ((looks * look.logBytes + runs * ASSUMED.runLog) / 1e9) * PRICES.logs],
    ["API Gateway", (ASSUMED.alerts / 1e6) * PRICES.apiRequests],
    ["metrics of our own", metrics * PRICES.customMetric],
    [
      "alarms, dashboard, key, secret",
      FIXED.alarmMetrics * PRICES.alarmMetric + PRICES.dashboard + PRICES.key + PRICES.secret,
    ],
  ];
}

const usd = (value: number): string => value.toFixed(2).padStart(12);
const total = (month: ReturnType<typeof monthOf>): number => month.reduce((sum, [, cost]) => sum + cost, 0);

/** The AWS bill of a month: calls counted here, times list prices. */
export const billBench: Bench = async (print) => {
  const look = await measureLook();
  print(
    `bill: USD a month at list prices, each workload looked at every minute (${MINUTES.toLocaleString("en-US")} times)`,
  );
  print(
    `  counted, a look that changes nothing: ${look.writeUnits.toFixed(2)} write and ${look.readUnits.toFixed(2)} read units of DynamoDB, ${look.logBytes.toFixed(0)} bytes of log`,
  );
  print(
    `  assumed: ${ASSUMED.run} s a run of reconcile, ${ASSUMED.tick} s a tick, ${ASSUMED.alerts.toLocaleString("en-US")} alerts`,
  );
  const most = FLEETS.map((workloads) => monthOf(workloads, look, workloads * MINUTES));
  const least = FLEETS.map((workloads) => monthOf(workloads, look, Math.ceil(workloads / RECEIVED_AT_ONCE) * MINUTES));
  print(`  ${"workloads".padEnd(42)}${FLEETS.map((n) => n.toLocaleString("en-US").padStart(12)).join("")}`);
  const [first = []] = most;
  first.forEach(([name], row) => {
    print(`  ${name.padEnd(42)}${most.map((month) => usd(month[row]?.[1] ?? Number.NaN)).join("")}`);
  });
  print(`  ${"in all, a run for each look".padEnd(42)}${most.map((month) => usd(total(month))).join("")}`);
  print(`  ${"in all, ten looks in each run".padEnd(42)}${least.map((month) => usd(total(month))).join("")}`);
  const each = FLEETS.map((workloads, i) => total(most[i] ?? []) / workloads);
  print(`  ${"for each workload".padEnd(42)}${each.map(usd).join("")}`);
};
