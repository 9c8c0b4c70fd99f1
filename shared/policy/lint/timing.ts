import { error, type Finding, formatPath, warning } from "../finding.ts";
import { MAX_FOR, MAX_POINTS } from "../limits.ts";
import { own } from "../own.ts";
import type { Policy } from "../schema/policy.ts";
import type { CloudWatchMetric } from "../schema/signals.ts";
import { formatDuration } from "../units.ts";
import { signalUses } from "../uses.ts";
import { signalWindows, stepOf } from "../windows.ts";

/** CloudWatch's high-resolution periods, in seconds; above them, whole minutes. */
const SHORT_PERIODS = new Set([1, 5, 10, 20, 30]);

/** Windows, ages and resolutions fit one another and what the sources can answer. */
export function* timing(policy: Policy): Iterable<Finding> {
  for (const [name, { maxAge, step, metric }] of Object.entries(policy.signals)) {
    const at = ["signals", name];
    if (maxAge === 0) yield error([...at, "maxAge"], { message: "`maxAge` is zero", why: "no sample is that new" });
    if (step === 0) yield error([...at, "step"], { message: "`step` is zero", fix: "leave it out for 15s" });
    if (metric !== undefined) yield* periodOf(name, metric, maxAge);
  }
  yield* heldFor(policy);
  yield* points(policy);
}

function* periodOf(name: string, { period }: CloudWatchMetric, maxAge: number): Iterable<Finding> {
  const at = ["signals", name, "metric", "period"];
  const involves = [["signals", name, "maxAge"]];
  if (!SHORT_PERIODS.has(period) && (period === 0 || period % 60 !== 0))
    yield error(at, {
      message: `CloudWatch has no period of ${formatDuration(period)}`,
      fix: "use 1s, 5s, 10s, 20s, 30s or whole minutes",
    });
  else if (maxAge <= period)
    yield error(["signals", name, "maxAge"], {
      message: `\`maxAge\` (${formatDuration(maxAge)}) is not longer than the metric's period (${formatDuration(period)})`,
      why: "CloudWatch dates a sample to the start of its period, so every sample would be too old on arrival",
      fix: `use at least ${formatDuration(3 * period)}`,
      involves: [at],
    });
  else if (maxAge < 2 * period)
    yield warning(["signals", name, "maxAge"], {
      message: `\`maxAge\` (${formatDuration(maxAge)}) is less than two periods of the metric (${formatDuration(period)} each)`,
      why: "CloudWatch delivers a sample after its period has ended, so most would be too old on arrival",
      fix: `use ${formatDuration(3 * period)}`,
      involves,
    });
}

function* heldFor(policy: Policy): Iterable<Finding> {
  for (const { signal: name, path, condition } of signalUses(policy)) {
    const held = condition?.for ?? 0;
    const at = [...path.slice(0, -1), "for"];
    const maxAge = own(policy.signals, name)?.maxAge ?? 0;
    if (held > MAX_FOR)
      yield error(at, {
        message: `\`for\` is ${formatDuration(held)}; the longest is ${formatDuration(MAX_FOR)}`,
        why: "the whole window is read again with every run",
        fix: "use a shorter one, or a recording rule that looks back further",
      });
    else if (held > 0 && held <= maxAge)
      yield error(at, {
        message: `\`for\` (${formatDuration(held)}) is not longer than the signal's \`maxAge\` (${formatDuration(maxAge)})`,
        why: "one single sample would speak for the whole window",
        fix: `use a \`for\` above ${formatDuration(maxAge)}, or a shorter \`${formatPath(["signals", name, "maxAge"])}\``,
        involves: [["signals", name, "maxAge"]],
      });
  }
}

function* points(policy: Policy): Iterable<Finding> {
  for (const [name, signal] of Object.entries(policy.signals)) {
    const step = stepOf(signal);
    if (signal.query === undefined || step === 0) continue;
    const windows = Object.keys(policy.workloads).map((workload) => signalWindows(policy, workload).get(name) ?? 0);
    const window = Math.max(0, ...windows);
    if (window / step + 1 > MAX_POINTS)
      yield error(["signals", name, signal.step === undefined ? "maxAge" : "step"], {
        message: `${formatDuration(window)} in steps of ${step < 1 ? `${step * 1000}ms` : formatDuration(step)} are ${Math.floor(window / step) + 1} points`,
        why: `Prometheus refuses a range of more than ${MAX_POINTS}`,
        fix: `use a step of at least ${formatDuration(Math.ceil(window / (MAX_POINTS - 1)))}`,
        involves: [["workloads"], ["signals", name, "maxAge"]],
      });
  }
}
