import { tickDeps } from "../runtime.ts";
import { createTickHandler } from "./handler.ts";

export const handler = createTickHandler(await tickDeps());
