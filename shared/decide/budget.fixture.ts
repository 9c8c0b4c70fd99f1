import { fleetOf, NOON, poolOf, workloadIn } from "../../test/support/fleet.ts";
import { EMPTY_MEMORY } from "../model/memory.ts";
import { type Context, createContext } from "./context.ts";

/** US dollars. */
export type Budget = { perHour?: number; perDay?: number };

/** An on-demand pool at this price; without one, a pool that nobody has priced. */
export const pool = (name: string, pricePerHour?: number) => ({
  name,
  capacity: "on-demand" as const,
  ...(pricePerHour === undefined ? {} : { pricePerHour }),
  eks: { region: "eu-central-1", cluster: "prod", nodegroup: name },
});

/** How one pool stands: US dollars for a node an hour, and nodes; as many are ready as are asked for, unless said otherwise. */
export interface Standing {
  readonly price?: number;
  readonly nodes: number;
  readonly ready?: number;
  readonly step?: number;
}

/** What the stages look at, at noon, of pools that stand so, in order of preference. */
export function contextOf(budget: Budget | null, standing: Readonly<Record<string, Standing>>): Context {
  const pools = Object.entries(standing);
  const policy = fleetOf(
    { nodes: { min: 0, max: 20 }, pools: pools.map(([name, { price }]) => pool(name, price)) },
    budget === null ? {} : { budget },
  );
  const seen = pools.map(([name, { nodes, ready = nodes, step = 1 }]) => [
    name,
    poolOf(nodes, ready, { max: 30, step }),
  ]);
  const observation = {
    workload: "llm",
    trigger: "tick" as const,
    signals: {},
    pools: Object.fromEntries(seen),
    others: null,
  };
  return createContext(policy, workloadIn(policy), observation, EMPTY_MEMORY, NOON);
}
