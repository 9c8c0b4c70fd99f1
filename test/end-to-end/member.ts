import { z } from "zod";
import type { Daemon } from "../../sandbox/daemon.ts";
import type { Policy } from "../../shared/policy/schema/policy.ts";
import { alertmanagerConfig, type ReceiverOptions } from "../../shared/rules/alertmanager.ts";
import { startAlertmanager } from "../support/alertmanager.ts";
import { eventually } from "./eventually.ts";

/** The cluster's pace, a tenth or so of Alertmanager's own, so that minutes do for what takes a quarter of an hour. */
const PACE = [
  "--cluster.peer-timeout=2s",
  "--cluster.gossip-interval=50ms",
  "--cluster.pushpull-interval=1s",
  "--cluster.probe-interval=500ms",
  "--cluster.reconnect-interval=1s",
];

const peer = z.object({ name: z.string(), address: z.string() });
type Peer = z.output<typeof peer>;
const status = z.object({ cluster: z.object({ name: z.string(), peers: z.array(peer) }) });

/** An Alertmanager of a pair, which comes and goes. It begins anew each time, with nothing on its disk. */
export interface Member {
  /** Where its API is; null while it does not run. */
  url(): string | null;
  /** Starts it; with another that runs, in one cluster with it. */
  start(other?: Member): Promise<void>;
  /** Kills it, as a machine that is gone would. */
  kill(): Promise<void>;
  /** The members of its cluster that it knows of, itself included; it stands first. None while it does not run. */
  cluster(): Promise<readonly Peer[]>;
  stop(): Promise<void>;
}

/** An Alertmanager with what `vramp rules` makes of the policy, and its own receiver. */
export function createMember(policy: Policy, receiver: ReceiverOptions): Member {
  const { route, ...rest } = alertmanagerConfig(policy, receiver);
  const config = {
    ...rest,
    route: { ...route, routes: route.routes.map((each) => ({ ...each, group_interval: "1s" })) },
  };
  let daemon: Daemon | null = null;

  const cluster = async (): Promise<readonly Peer[]> => {
    if (daemon === null) return [];
    const { name, peers } = status.parse(await (await fetch(`${daemon.url}/api/v2/status`)).json()).cluster;
    return peers.toSorted((a, b) => Number(b.name === name) - Number(a.name === name));
  };
  const kill = async () => {
    await daemon?.stop();
    daemon = null;
  };
  return {
    url: () => daemon?.url ?? null,
    async start(other) {
      const join =
        other === undefined
          ? []
          : (await other.cluster()).slice(0, 1).map(({ address }) => `--cluster.peer=${address}`);
      // Port 0: the system chooses, and the status tells.
      const own = "--cluster.listen-address=127.0.0.1:0";
      daemon = await startAlertmanager({ config, cluster: [own, ...PACE, ...join] });
      const members = other === undefined ? 1 : 2;
      await eventually(`the cluster has ${members} members`, async () => (await cluster()).length === members);
    },
    kill,
    cluster,
    stop: kill,
  };
}

/** Whether two run, and each knows of the other and of nobody else. */
export async function areTogether(a: Member, b: Member): Promise<boolean> {
  const [ofA, ofB] = [await a.cluster(), await b.cluster()];
  const names = (peers: readonly Peer[]) =>
    peers
      .map(({ name }) => name)
      .toSorted()
      .join();
  return ofA.length === 2 && names(ofA) === names(ofB);
}
