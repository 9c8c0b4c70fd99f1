import { error, type Finding, formatPath, type Path } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";
import { CLOUDS, type Pool } from "../schema/pools.ts";

/** Nothing carries a name that something else of its kind already has. */
export function* names(policy: Policy): Iterable<Finding> {
  const workloads = Object.entries(policy.workloads);
  const pools = workloads.flatMap(([name, { pools }]) =>
    pools.map((pool, i) => ({ pool, path: ["workloads", name, "pools", i] })),
  );
  yield* repeated(
    pools.map(({ pool, path }) => ({ key: pool.name, path: [...path, "name"] })),
    (name) => `two pools of the fleet are called \`${name}\``,
    "decisions, metrics and the audit know a pool by its name",
  );
  yield* repeated(
    pools.map(({ pool, path }) => ({ key: identity(pool), path: [...path, cloudOf(pool)] })),
    () => "this cloud pool is listed already",
    "two entries would each set the size of the same nodes, against one another",
  );
  for (const [name, { guards, schedules, models }] of workloads) {
    for (const [list, entries] of Object.entries({ guards, schedules, models }))
      yield* repeated(
        entries.map((entry, i) => ({ key: entry.name, path: ["workloads", name, list, i, "name"] })),
        (key) => `two of the \`${list}\` are called \`${key}\``,
        "reasons and reports could not tell them apart",
      );
  }
}

interface Named {
  readonly key: string;
  readonly path: Path;
}

function* repeated(entries: readonly Named[], message: (key: string) => string, why: string): Iterable<Finding> {
  const first = new Map<string, Path>();
  for (const { key, path } of entries) {
    const other = first.get(key);
    if (other === undefined) first.set(key, path);
    else
      yield error(path, {
        message: message(key),
        why,
        fix: `change this one or \`${formatPath(other)}\``,
        involves: [other],
      });
  }
}

const cloudOf = (pool: Pool) => CLOUDS.find((cloud) => pool[cloud] !== undefined) ?? CLOUDS[0];

/** What makes two entries the same nodes. Azure compares names without regard to case; an AWS role stands for its account. */
function identity({ eks, gke, aks }: Pool): string {
  if (eks !== undefined) {
    const account = eks.roleArn?.split(":")[4] ?? "own account";
    return ["eks", account, eks.region, eks.cluster, eks.nodegroup].join("/");
  }
  if (gke !== undefined) return ["gke", gke.project, gke.location, gke.cluster, gke.nodePool].join("/");
  return ["aks", aks?.subscription, aks?.resourceGroup, aks?.cluster, aks?.agentPool].join("/").toLowerCase();
}
