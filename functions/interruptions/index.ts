import { interruptionsDeps } from "../runtime.ts";
import { createInterruptionsHandler } from "./handler.ts";

export const handler = createInterruptionsHandler(await interruptionsDeps());
