import type { Backtest } from "../../lab/backtest/backtest.ts";
import type { Binding } from "../../lab/backtest/binding.ts";
import type { Scenario, SpotSource } from "../../lab/backtest/scenario.ts";
import type { NamedDemand } from "./inputs.ts";

/** A backtest that has run, and what it was made of. */
export interface Done {
  /** The policy's file. */
  readonly file: string;
  readonly scenario: Scenario;
  readonly bindings: readonly Binding[];
  readonly demand: NamedDemand;
  readonly spot: SpotSource | null;
  readonly backtest: Backtest;
}
