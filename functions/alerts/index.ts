import { alertsDeps } from "../runtime.ts";
import { createAlertsHandler } from "./handler.ts";

export const handler = createAlertsHandler(await alertsDeps());
