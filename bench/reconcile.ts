import type { Bench } from "./bench.ts";
import { countedDynamo, perEach } from "./dynamo.ts";
import { calmFleet, fleetOfMany } from "./fleet.ts";
import { median } from "./median.ts";

/** Minutes lived before what is measured, so that memory and code are warm, and minutes measured. */
const WARM = 5;
const MEASURED = 7;
const IN_MEMORY = 500;
const IN_DYNALITE = 25;

const perSecond = (rate: number): string => Math.round(rate).toLocaleString("en-US").padStart(8);

/** Looks a second, with nothing to change: lease, observe, decide, save, release. */
export const reconcileBench: Bench = async (print) => {
  print(
    `reconcile: looks a second, ten at once, one process; metrics and clouds answer at once, and ask for no change`,
  );

  const alone = calmFleet(fleetOfMany(IN_MEMORY));
  for (let minute = 0; minute < WARM; minute += 1) await alone.lookAtAll();
  const rounds: number[] = [];
  for (let minute = 0; minute < MEASURED; minute += 1) rounds.push(IN_MEMORY / (await alone.lookAtAll()));
  const inMemory = median(rounds);
  print(`  memory in the process ${perSecond(inMemory)} a second`);

  const counted = await countedDynamo();
  try {
    const fleet = calmFleet(fleetOfMany(IN_DYNALITE), counted.memory);
    for (let minute = 0; minute < WARM; minute += 1) await fleet.lookAtAll();
    const before = counted.usage();
    const slower: number[] = [];
    for (let minute = 0; minute < MEASURED; minute += 1) slower.push(IN_DYNALITE / (await fleet.lookAtAll()));
    const usage = perEach(before, counted.usage(), IN_DYNALITE * MEASURED);
    const stored = median(slower);
    print(`  dynalite, over HTTP   ${perSecond(stored)} a second  ${(inMemory / stored).toFixed(1)} x slower`);
    print(
      `  a look that changes nothing: ${usage.requests.toFixed(2)} DynamoDB requests, ${usage.readUnits.toFixed(2)} read and ${usage.writeUnits.toFixed(2)} write units`,
    );
  } finally {
    await counted.stop();
  }
};
