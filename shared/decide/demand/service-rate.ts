import type { Learned } from "../../model/learned.ts";
import type { Objective } from "../../policy/schema/workload.ts";
import type { Seconds } from "../../policy/units.ts";
import { trim } from "../trim.ts";

/** FADING: busy node seconds after which an observation counts for a third. */
const FADING: Seconds = 4 * 3600;
/** EVIDENCE: below this a rate would be chance. */
const EVIDENCE = { served: 5, nodeSeconds: 120 } as const;

type Served = Pick<Learned, "served" | "nodeSeconds">;

/** What `ready` nodes served in `elapsed` seconds in which work waited throughout. */
export function addServed(past: Served, served: number, ready: number, elapsed: Seconds): Served {
  const spent = ready * elapsed;
  const fading = Math.exp(-spent / FADING);
  return {
    served: trim(Math.max(0, past.served * fading + served)),
    nodeSeconds: trim(past.nodeSeconds * fading + spent),
  };
}

/** Requests a second that one ready node serves: as the policy states or as learned; null while nobody knows. */
export function serviceRate({ perNode }: Objective, { served, nodeSeconds }: Served): number | null {
  if (perNode !== undefined) return perNode;
  if (served < EVIDENCE.served || nodeSeconds < EVIDENCE.nodeSeconds) return null;
  return served / nodeSeconds;
}
