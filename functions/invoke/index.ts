import { invokeDeps } from "../runtime.ts";
import { createInvokeHandler } from "./handler.ts";

export const handler = createInvokeHandler(await invokeDeps());
