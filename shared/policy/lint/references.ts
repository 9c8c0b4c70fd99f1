import { error, type Finding, warning } from "../finding.ts";
import { own } from "../own.ts";
import type { Policy } from "../schema/policy.ts";
import { didYouMean } from "../suggest.ts";
import { type SignalUse, signalUses } from "../uses.ts";

/** Signals and sources that are named exist, and are of the kind that their use needs. */
export function* references(policy: Policy): Iterable<Finding> {
  const uses = signalUses(policy);
  for (const use of uses) yield* signalOf(use, policy);
  yield* sourcesOf(policy);
  yield* unused(policy, uses);
}

function* signalOf(use: SignalUse, policy: Policy): Iterable<Finding> {
  const at = ["signals", use.signal];
  const signal = own(policy.signals, use.signal);
  if (signal === undefined) {
    yield error(use.path, {
      message: `signal \`${use.signal}\` does not exist`,
      why: "what it would say stays unknown for ever, so it could never have its effect",
      fix: didYouMean(use.signal, Object.keys(policy.signals), "declare it under `signals:`"),
      involves: [at],
    });
  } else if (use.role === "busy" && signal.per !== "node") {
    yield error(use.path, {
      message: `signal \`${use.signal}\` is one number for the whole workload`,
      why: "`busy` asks of each node whether it works, so that only idle ones go",
      fix: `add \`per: node\` to \`signals.${use.signal}\`, and group its query by \`provider_id\``,
      involves: [at],
    });
  } else if (use.role !== "busy" && signal.per === "node") {
    yield error(use.path, {
      message: `signal \`${use.signal}\` is one number for each node`,
      why: "only `scaleIn.busy` looks at nodes one by one; everything else needs one number for the workload",
      fix: "aggregate it in a second signal, such as `sum(…)` or `max(…)`",
      involves: [at],
    });
  }
}

function* sourcesOf(policy: Policy): Iterable<Finding> {
  for (const [name, signal] of Object.entries(policy.signals)) {
    const at = ["signals", name];
    const declared = ["sources", signal.source];
    const source = own(policy.sources, signal.source);
    if (source === undefined) {
      yield error([...at, "source"], {
        message: `source \`${signal.source}\` does not exist`,
        fix: didYouMean(signal.source, Object.keys(policy.sources), "declare it under `sources:`"),
        involves: [declared],
      });
    } else if ("prometheus" in source && signal.metric !== undefined) {
      yield error([...at, "metric"], {
        message: `\`metric\` is for CloudWatch, and source \`${signal.source}\` is a Prometheus`,
        fix: "give a PromQL `query`, or name a CloudWatch source",
        involves: [declared],
      });
    } else if ("cloudwatch" in source && signal.query !== undefined) {
      yield error([...at, "query"], {
        message: `\`query\` is for Prometheus, and source \`${signal.source}\` is CloudWatch`,
        fix: "give a `metric`, or name a Prometheus source",
        involves: [declared],
      });
    } else if ("cloudwatch" in source && signal.per === "node") {
      yield error([...at, "per"], {
        message: "a CloudWatch metric is one series, not one for each node",
        fix: "read it from a Prometheus, grouped by `provider_id`",
        involves: [declared],
      });
    }
  }
}

function* unused(policy: Policy, uses: readonly SignalUse[]): Iterable<Finding> {
  const used = new Set(uses.map((use) => use.signal));
  for (const name of Object.keys(policy.signals))
    if (!used.has(name))
      yield warning(["signals", name], {
        message: `signal \`${name}\` is used nowhere`,
        fix: "remove it, or name it in a workload",
        involves: [["workloads"]],
      });
}
