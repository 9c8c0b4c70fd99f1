import type { Schedule } from "../../policy/schema/schedules.ts";

/** A boundary that never comes: 30 February. */
export const NEVER = "0 0 30 2 *";

/** A schedule of these boundaries and sizes; `lead` in seconds. */
export const window = (name: string, start: string, end: string, nodes: Schedule["nodes"], lead?: number) =>
  ({ name, start, end, nodes, ...(lead === undefined ? {} : { lead }) }) satisfies Schedule;
