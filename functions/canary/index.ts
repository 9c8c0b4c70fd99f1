import { canaryDeps } from "../runtime.ts";
import { createCanaryHandler } from "./handler.ts";

export const handler = createCanaryHandler(canaryDeps());
