import { type Policy, type PolicyInput, policy as schema } from "../../shared/policy/schema/policy.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import type { Source } from "../controllers/measures.ts";
import { DEFAULT_BOOT, DEFAULT_NOTICE } from "../world/options.ts";
import { bindSignals } from "./binding.ts";
import type { Settings } from "./scenario.ts";

type WorkloadInput = PolicyInput["workloads"][string];

const eks = { region: "us-west-2", cluster: "test", nodegroup: "test" } as const;

/** A service with a spot pool and an on-demand pool, by an objective unless said otherwise. */
export function servicePolicy(more: Partial<WorkloadInput> = {}, signals: PolicyInput["signals"] = {}): Policy {
  const signal = (query: string) => ({ source: "prom", query, maxAge: "60s" });
  return schema.parse({
    version: 1,
    fleet: "test",
    sources: { prom: { prometheus: { url: "http://127.0.0.1:9090" } } },
    signals: { came: signal("came"), stands: signal("stands"), runs: signal("runs"), ...signals },
    workloads: {
      chat: {
        gpu: { model: "V100", perNode: 1 },
        nodes: { min: 0, max: 12 },
        pools: [
          { name: "spot", capacity: "spot", zone: "a", pricePerHour: 1, eks },
          { name: "od", capacity: "on-demand", pricePerHour: 3, eks },
        ],
        scaleIn: { interruptible: true },
        objective: { arrivals: "came", backlog: "stands", inService: "runs", perNode: 4, maxWait: "60s" },
        ...more,
      },
    },
  });
}

/** A policy's workload by its name, `chat` unless said. */
export function workloadOf(policy: Policy, name = "chat"): Workload {
  const workload = policy.workloads[name];
  if (workload === undefined) throw new Error(`the policy lost its workload ${name}`);
  return workload;
}

export const bound = (policy: Policy, given: ReadonlyMap<string, Source> = new Map()) =>
  bindSignals(policy, "chat", workloadOf(policy), given);

/** What the CLI gives when no option is. */
export const SETTINGS: Settings = {
  seed: 1,
  boot: DEFAULT_BOOT,
  notice: DEFAULT_NOTICE,
  onDemandCap: null,
  missingSamples: 0,
  offset: 0,
  length: null,
  start: Date.UTC(2026, 0, 5) / 1000,
  rate: null,
  slots: 32,
  peakNodes: null,
  maxWait: null,
  attainment: null,
  startNodes: 1,
  zones: new Map(),
  prices: new Map(),
};
