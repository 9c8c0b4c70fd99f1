// `npm run bench [-- NAME…]`: runs the benchmarks of these names, or all of them, and prints their figures.
import type { Bench } from "../bench/bench.ts";

/** By the name they are asked for; each is loaded when it runs. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  decide: async () => (await import("../bench/decide.ts")).decideBench,
  webhook: async () => (await import("../bench/webhook.ts")).webhookBench,
  reconcile: async () => (await import("../bench/reconcile.ts")).reconcileBench,
  tick: async () => (await import("../bench/tick.ts")).tickBench,
  bill: async () => (await import("../bench/bill.ts")).billBench,
  load: async () => (await import("../bench/load.ts")).loadBench,
  latency: async () => (await import("../bench/latency.ts")).latency,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(1);
}
for (const [name, load] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const bench = await load();
  await bench((line) => console.log(line));
}
