import { clock, variable } from "../runtime.ts";
import { lazySecrets } from "../secrets.ts";
import { createCanaryHandler } from "./handler.ts";

const tokenSecret = variable("VRAMP_ALERT_TOKENS_SECRET");

export const handler = createCanaryHandler({
  url: variable("VRAMP_ALERTS_URL"),
  secrets: lazySecrets(),
  tokenSecret,
  clock,
});
