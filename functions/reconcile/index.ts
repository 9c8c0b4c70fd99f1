import { reconcileDeps } from "../runtime.ts";
import { createReconcileHandler } from "./handler.ts";

export const handler = createReconcileHandler(await reconcileDeps());
