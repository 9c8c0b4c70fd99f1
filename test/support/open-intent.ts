import type { Intent } from "../../shared/model/memory.ts";
import { MINUTE, NOON } from "./fleet.ts";

/** An intent of a minute before noon to resize `llm` from 1 to 3 nodes, whose outcome nobody heard. */
export const OPEN_INTENT: Intent = {
  id: "i",
  pool: "llm",
  from: 1,
  to: 3,
  remove: null,
  at: NOON - MINUTE,
  epoch: 1,
  policyRevision: "r1",
  operation: null,
};
