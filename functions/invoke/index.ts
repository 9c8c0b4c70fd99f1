import { NO_STOP } from "../../shared/stop/stop.ts";
import { lookDeps } from "../look-deps.ts";
import { openQueue } from "../queue.ts";
import { createInvokeHandler } from "./handler.ts";

const queue = openQueue();
const deps = await lookDeps(NO_STOP); // it changes no pool

export const handler = createInvokeHandler({ ...deps, queue });
