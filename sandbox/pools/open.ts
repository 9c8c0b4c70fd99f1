import type { Clock } from "../../shared/model/clock.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import type { PoolsOptions } from "../../shared/pools/pools.ts";
import { type AksCloud, startAzure } from "./aks.ts";
import { type EksCloud, startEks } from "./eks.ts";
import { type GkeCloud, startGoogle } from "./gke.ts";
import type { Beginning, CloudChange, CloudPool } from "./pool.ts";

/** The emulated clouds of one policy: those that it has pools in. */
export interface Clouds {
  readonly eks: EksCloud | null;
  readonly gke: GkeCloud | null;
  readonly aks: AksCloud | null;
  readonly pools: readonly CloudPool[];
  /** The pool of this name; throws if the policy has none. */
  pool(name: string): CloudPool;
  /** Every change that vramp asked any of the clouds for, oldest first. */
  changes(): readonly CloudChange[];
  /** How vramp's own clients find these clouds, where no environment tells them. */
  readonly options: PoolsOptions;
  stop(): Promise<void>;
}

/** Emulated credentials: the emulator wants a signature, whoever signs. */
const CREDENTIALS = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };

/** How long things take at all three clouds, where it is not what the emulators have by themselves. */
export interface CloudsPace {
  /** From the launch of a node until it is ready. */
  readonly launch?: number;
  readonly drain?: number;
  /** How long EKS and GKE are busy with a change. */
  readonly change?: number;
}

export interface CloudsOptions {
  readonly policy: Policy;
  readonly now: Clock;
  /** How each pool begins, by its name; else the first of a workload has its `nodes.min` and the others none. */
  readonly beginnings?: Readonly<Record<string, Beginning>>;
  readonly pace?: CloudsPace;
}

interface Placed extends Beginning {
  readonly workload: string;
  readonly pool: Policy["workloads"][string]["pools"][number];
}

function placedIn({ policy, beginnings = {} }: CloudsOptions): readonly Placed[] {
  return Object.entries(policy.workloads).flatMap(([workload, { pools, nodes }]) =>
    pools.map((pool, index) => ({
      workload,
      pool,
      ...(beginnings[pool.name] ?? { size: index === 0 ? nodes.min : 0 }),
    })),
  );
}

/** Starts the clouds that the policy has pools in, with those pools. What was started before a failure is ended. */
export async function openClouds(options: CloudsOptions): Promise<Clouds> {
  const placed = placedIn(options);
  const { now, pace: { launch, drain, change } = {} } = options;
  const nodes = { ...(launch === undefined ? {} : { launch }), ...(drain === undefined ? {} : { drain }) };
  const eksPools = placed.flatMap((p) => (p.pool.eks === undefined ? [] : [{ ...p, ref: p.pool.eks }]));
  const gkePools = placed.flatMap((p) => (p.pool.gke === undefined ? [] : [{ ...p, ref: p.pool.gke }]));
  const aksPools = placed.flatMap((p) => (p.pool.aks === undefined ? [] : [{ ...p, ref: p.pool.aks }]));

  await using started = new AsyncDisposableStack();
  const keep = <T extends { stop(): Promise<void> }>(it: T): T => started.adopt(it, (each) => each.stop());
  const update = change === undefined ? {} : { update: change };
  const running = change === undefined ? {} : { running: change };
  const eks = eksPools.length === 0 ? null : keep(await startEks(eksPools, now, { ...nodes, ...update }));
  const gke = gkePools.length === 0 ? null : keep(await startGoogle(gkePools, now, { ...nodes, ...running }));
  const aks = aksPools.length === 0 ? null : keep(await startAzure(aksPools, now, nodes));
  const all = started.move();

  const clouds = [eks, gke, aks].filter((cloud) => cloud !== null);
  const pools = clouds.flatMap((cloud) => cloud.pools);
  return {
    eks,
    gke,
    aks,
    pools,
    pool(name) {
      const found = pools.find(({ pool }) => pool.name === name);
      if (found === undefined) throw new Error(`the policy has no pool ${name}`);
      return found;
    },
    changes: () => clouds.flatMap((cloud) => cloud.changes()).toSorted((a, b) => a.at - b.at),
    options: {
      ...(eks === null ? {} : { eks: { endpoint: eks.aws.url, credentials: CREDENTIALS } }),
      ...(gke === null ? {} : { gke: { endpoint: gke.gke.url, computeEndpoint: gke.gke.url, now } }),
      ...(aks === null ? {} : { aks: { endpoint: aks.aks.url, tlsCa: aks.aks.ca, now } }),
    },
    stop: () => all.disposeAsync(),
  };
}
