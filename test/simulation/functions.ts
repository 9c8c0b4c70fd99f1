import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { createAlertsHandler } from "../../functions/alerts/handler.ts";
import { createInvokeHandler } from "../../functions/invoke/handler.ts";
import type { Reply } from "../../functions/invoke/reply.ts";
import { createReconcileHandler } from "../../functions/reconcile/handler.ts";
import { createTickHandler } from "../../functions/tick/handler.ts";
import { FUNCTION_LIMITS, type FunctionName } from "../../infra/limits.ts";
import type { Wake } from "../../shared/model/observation.ts";
import type { ReconcileDeps } from "../../shared/reconcile/deps.ts";
import { createStaticSecrets } from "../../shared/secrets/static.ts";
import { NO_STOP } from "../../shared/stop/stop.ts";
import type { LogFields, Telemetry } from "../../shared/telemetry/telemetry.ts";
import { type Looks, memoryFor } from "./deps/memory.ts";
import { poolsFor } from "./deps/pools.ts";
import { sourcesFor } from "./deps/sources.ts";
import { type Ending, type Invocation, startInvocation } from "./invocation.ts";
import { createQueue, eventOf, type SimulatedQueue } from "./queue.ts";
import { TOKEN, type World } from "./world.ts";

/** vramp's functions, each run wired afresh to the simulated world. */
export interface Functions {
  readonly queue: SimulatedQueue;
  /** The minute's schedule. */
  tick(): void;
  /** One webhook; `answered` hears the status, 503 when nothing was heard. */
  alert(body: string, answered: (status: number) => void): void;
  /** An operator's request; `answered` hears the reply, null when nothing was heard. */
  invoke(request: object, answered: (reply: Reply | null) => void): void;
  /** A second controller looks at these workloads, whoever else does so at the same time. */
  reconcileAside(wakes: readonly Wake[]): void;
}

const TOKEN_SECRET = "simulated/alert-tokens";

function telemetryFor(invocation: Invocation, world: World): Telemetry {
  const write = (message: string, fields: LogFields = {}): void => {
    if (!invocation.alive) return;
    world.tell({ kind: "written", where: "the log", text: `${message} ${JSON.stringify(fields)}` });
    const { workload, current, want, reason, detail } = fields;
    if (message === "decided") world.note(`${invocation.id}: ${workload} ${current} -> ${want} (${reason}: ${detail})`);
    else if (message !== "alerts accepted") world.note(`${invocation.id}: ${message} ${JSON.stringify(fields)}`);
  };
  return { info: write, warn: write, error: write, count() {} };
}

export function createFunctions(world: World): Functions {
  const queue = createQueue(world);
  const secrets = createStaticSecrets({ [TOKEN_SECRET]: TOKEN });

  function depsFor(invocation: Invocation, looks: Looks): ReconcileDeps {
    return {
      policy: async () => invocation.inForce,
      sources: sourcesFor(invocation, looks, world),
      pools: poolsFor(invocation, looks, world),
      memory: memoryFor(invocation, looks, world),
      telemetry: telemetryFor(invocation, world),
      clock: () => invocation.clock(),
      stop: NO_STOP,
      newId: () => `id-${world.next()}`,
    };
  }

  function start<T>(
    name: FunctionName,
    handler: (invocation: Invocation) => Promise<T>,
    ended: (ending: Ending<T>, invocation: Invocation) => void = () => {},
  ): void {
    startInvocation(`${name}-${world.next()}`, world, FUNCTION_LIMITS[name].timeout, handler, ended);
  }

  function reconcile(event: SQSEvent, answered: (response: SQSBatchResponse | null) => void): void {
    const looks: Looks = new Map();
    start(
      "reconcile",
      (invocation) => createReconcileHandler(depsFor(invocation, looks))(event),
      (ending, invocation) => {
        const response = ending.kind === "returned" ? ending.value : null;
        if (response?.batchItemFailures.length === 0)
          world.tell({ kind: "reconciled", looks: [...looks.values()], invocation });
        answered(response);
      },
    );
  }

  queue.consume(reconcile);
  return {
    queue,
    tick: () =>
      start("tick", (invocation) =>
        createTickHandler({
          policy: async () => invocation.inForce.policy,
          queue: queue.senderFor(invocation),
          telemetry: telemetryFor(invocation, world),
          clock: () => invocation.clock(),
        })(),
      ),
    alert: (body, answered) =>
      start(
        "alerts",
        (invocation) =>
          createAlertsHandler({
            policy: async () => invocation.inForce.policy,
            queue: queue.senderFor(invocation),
            secrets,
            tokenSecret: TOKEN_SECRET,
            telemetry: telemetryFor(invocation, world),
            clock: () => invocation.clock(),
          })({ headers: { Authorization: `Bearer ${TOKEN}` }, body, isBase64Encoded: false }),
        (ending) => {
          if (ending.kind === "returned")
            world.tell({ kind: "written", where: "a reply to Alertmanager", text: ending.value.body });
          answered(ending.kind === "returned" ? ending.value.statusCode : 503);
        },
      ),
    invoke: (request, answered) =>
      start(
        "invoke",
        (invocation) =>
          createInvokeHandler({ ...depsFor(invocation, new Map()), queue: queue.senderFor(invocation) })(request),
        (ending) => {
          if (ending.kind !== "returned") return answered(null);
          world.tell({ kind: "written", where: "a reply to an operator", text: JSON.stringify(ending.value) });
          answered(ending.value);
        },
      ),
    reconcileAside: (wakes) => reconcile(eventOf(wakes, `aside-${world.next()}`), () => {}),
  };
}
