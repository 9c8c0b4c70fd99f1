import type { Seconds } from "../../shared/policy/units.ts";
import type { Capacity } from "./options.ts";

/** Reads a capacity as time goes on; asked for times that never go back. Before its first time there is none. */
export function capacityReader({ times, nodes }: Capacity): (now: Seconds) => number {
  let i = -1;
  return (now) => {
    while (i + 1 < times.length && (times[i + 1] ?? 0) <= now) i += 1;
    return nodes[i] ?? 0;
  };
}
