import type { Override } from "../../shared/model/memory.ts";
import type { Wake } from "../../shared/model/observation.ts";
import { formatDuration, type Seconds } from "../../shared/policy/units.ts";
import { workloadOf } from "../../shared/reconcile/look.ts";
import { MAX_OVERRIDE, override, resume } from "../../shared/reconcile/operate.ts";
import { rfc3339 } from "../../shared/reconcile/rfc3339.ts";
import { clean } from "../../shared/telemetry/telemetry.ts";
import { InvalidRequest, type InvokeDeps } from "./deps.ts";
import type { Reply } from "./reply.ts";
import type { RequestOf } from "./request.ts";

function until(lasting: Seconds, now: number): number {
  if (lasting > 0 && lasting <= MAX_OVERRIDE) return now + lasting;
  throw new InvalidRequest(
    `an override lasts at most ${formatDuration(MAX_OVERRIDE)} and not no time; asked: ${formatDuration(lasting)}`,
  );
}

/** Wakes the workload, so that an operator's word takes effect now and not with the next tick. */
async function wake(workload: string, action: string, deps: InvokeDeps): Promise<void> {
  const at = deps.clock();
  const message: Wake = { workload, trigger: "invoke", cause: action, at, key: `invoke|${deps.newId()}` };
  await deps.queue.send([message]);
}

async function put(workload: string, wanted: Override, said: string, deps: InvokeDeps): Promise<Reply> {
  const { overrides } = await override(deps, workload, wanted);
  await wake(workload, wanted.kind, deps);
  return { summary: `${workload}: ${said} until ${rfc3339(wanted.until)}`, workload, override: wanted, overrides };
}

/** The size that was asked for, if the policy allows it. */
function allowed(workload: string, asked: number, max: number): number {
  if (asked <= max) return asked;
  throw new InvalidRequest(`${workload} may have ${max} nodes at most (nodes.max); asked: ${asked}`);
}

/** Holds the size, at what it is now when the request names none. */
export async function hold(wanted: RequestOf<"hold">, deps: InvokeDeps): Promise<Reply> {
  const { workload } = wanted;
  const { nodes } = workloadOf(await deps.policy(), workload);
  const at = deps.clock();
  const current = Object.values((await deps.memory.load(workload)).value.pools).reduce((sum, p) => sum + p.desired, 0);
  const size = allowed(workload, wanted.nodes ?? current, nodes.max);
  const { reason, actor } = wanted;
  const to: Override = {
    kind: "hold",
    nodes: size,
    reason: clean(reason),
    actor: clean(actor),
    at,
    until: until(wanted.for, at),
  };
  return put(workload, to, `held at ${size} nodes`, deps);
}

/** Keeps at least so many nodes, and ends an off-hours zero. */
export async function wakeUp(wanted: RequestOf<"wake">, deps: InvokeDeps): Promise<Reply> {
  const { workload, nodes: size, reason, actor } = wanted;
  const { nodes } = workloadOf(await deps.policy(), workload);
  allowed(workload, size, nodes.max);
  const at = deps.clock();
  const by = { reason: clean(reason), actor: clean(actor), at, until: until(wanted.for, at) };
  return put(workload, { kind: "wake", nodes: size, ...by }, `kept at ${size} nodes or more`, deps);
}

/** Forbids scaling in, out or both. */
export async function pause(wanted: RequestOf<"pause">, deps: InvokeDeps): Promise<Reply> {
  const { workload, direction, reason, actor } = wanted;
  workloadOf(await deps.policy(), workload);
  const at = deps.clock();
  const to: Override = {
    kind: "pause",
    direction,
    reason: clean(reason),
    actor: clean(actor),
    at,
    until: until(wanted.for, at),
  };
  return put(workload, to, direction === "both" ? "scaling paused" : `scaling ${direction} paused`, deps);
}

/** Ends every override of the workload. */
export async function resumeNow({ workload, reason, actor }: RequestOf<"resume">, deps: InvokeDeps): Promise<Reply> {
  workloadOf(await deps.policy(), workload);
  await resume(deps, workload, { actor: clean(actor), reason: clean(reason), at: deps.clock() });
  await wake(workload, "resume", deps);
  return { summary: `${workload}: overrides ended; vramp scales it again`, workload, overrides: [] };
}

/** Wakes the workload. The run itself is `reconcile`'s: no other function may touch a cloud. */
export async function reconcileNow({ workload }: RequestOf<"reconcile">, deps: InvokeDeps): Promise<Reply> {
  workloadOf(await deps.policy(), workload);
  await wake(workload, "reconcile", deps);
  return { summary: `${workload}: woken; see status or explain for what came of it`, workload };
}
