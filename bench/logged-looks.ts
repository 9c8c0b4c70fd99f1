// Looks at one workload as often as the argument says, with vramp's own logging: what it prints is what CloudWatch would take.
import { createInMemory } from "../shared/memory/in-memory.ts";
import { createPowertools } from "../shared/telemetry/powertools.ts";
import { calmFleet, fleetOfMany } from "./fleet.ts";

const fleet = calmFleet(fleetOfMany(1), createInMemory(), createPowertools());
for (let n = 0; n < Number(process.argv[2]); n += 1) await fleet.lookAtAll();
