import { createSsmStop } from "../../shared/stop/ssm.ts";
import { lookDeps } from "../look-deps.ts";
import { clock, endpoint, variable } from "../runtime.ts";
import { lazySecrets } from "../secrets.ts";
import { tellingFor } from "../telling.ts";
import { lazyHandBack } from "./hand-back.ts";
import { createReconcileHandler } from "./handler.ts";

/** The fleet's stop, where the stack keeps it. */
const stop = createSsmStop({
  parameter: variable("VRAMP_STOP_PARAMETER"),
  region: variable("AWS_REGION"),
  endpoint: endpoint("AWS_ENDPOINT_URL_SSM") ?? endpoint("AWS_ENDPOINT_URL"),
  now: clock,
});
const deps = await lookDeps(stop);

export const handler = createReconcileHandler(deps, tellingFor(deps, lazySecrets()).ofRun, lazyHandBack());
