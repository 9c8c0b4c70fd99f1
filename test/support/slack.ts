import type { Seconds } from "../../shared/policy/units.ts";

/** What a deadline may be passed by on a busy machine; a call that hangs passes it by far more. */
export const SLACK: Seconds = 10;
