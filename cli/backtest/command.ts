import type { Command } from "commander";
import { runBacktest } from "../../lab/backtest/backtest.ts";
import { bindSignals } from "../../lab/backtest/binding.ts";
import { BacktestError } from "../../lab/backtest/errors.ts";
import { scenarioOf } from "../../lab/backtest/scenario.ts";
import { TraceError } from "../../lab/traces/errors.ts";
import { EXIT, painter, print, printJson, report, UserError } from "../output.ts";
import { readValidPolicy } from "../valid-policy.ts";
import { actualFrom } from "./actual.ts";
import type { Done } from "./done.ts";
import { chosenWorkload, demandFrom, refuseUnknownPools, settingsOf, spotFrom } from "./inputs.ts";
import { toJson } from "./json.ts";
import { addBacktestOptions, type BacktestOptions } from "./options.ts";
import { toText } from "./text.ts";
import { saveTraces, writeReport } from "./write.ts";

export function register(command: Command): void {
  addBacktestOptions(command)
    .addHelpText(
      "after",
      "\nRuns a policy through recorded or made-up demand and spot capacity in a simulated world (docs/backtest.md)." +
        "\nExit codes: 0 it ran, 1 it could not, 3 with --check: the policy does not keep what is wanted",
    )
    .action(async (options: BacktestOptions, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const done = await sayingUserErrors(() => backtest(options, color));
      const json = toJson(done);
      if (options.saveTraces !== undefined) await saveTraces(options.saveTraces, done);
      if (options.html !== undefined) await writeReport(options.html, json);
      if (options.output === "json") printJson(json);
      else print(toText(json, painter(process.stdout, color, process.env)));
      process.exitCode = options.check && json.outcomes[0]?.holds !== true ? EXIT.checkFailed : EXIT.ok;
    });
}

async function backtest(options: BacktestOptions, color: boolean): Promise<Done> {
  const policy = await readValidPolicy(options.policy, painter(process.stderr, color, process.env));
  const [name, workload] = chosenWorkload(policy, options.workload);
  refuseUnknownPools(workload, options);
  const bindings = bindSignals(policy, name, workload, options.bind);
  const demand = await demandFrom(policy, workload, bindings, options);
  const spot = await spotFrom(workload, demand.trace, options);
  const scenario = scenarioOf(policy, name, workload, demand.trace, spot, settingsOf(options));
  const actual = options.actual === undefined ? null : await actualFrom(options.actual, scenario, demand.trace);
  const progress = (what: string) => report(`running ${what}`);
  const result = runBacktest(scenario, { bindings, peers: options.peers, actual, progress });
  return { file: options.policy, scenario, bindings, demand, spot, backtest: result };
}

async function sayingUserErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const known = cause instanceof TraceError || cause instanceof BacktestError;
    throw known ? new UserError(cause.message, { cause }) : cause;
  }
}
