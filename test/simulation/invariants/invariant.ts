import type { Happening } from "../look.ts";
import type { World } from "../world.ts";

/** One thing that must never be seen. */
export interface Invariant {
  readonly name: string;
  /** What it means here, in one sentence. */
  readonly says: string;
  /** Watches one seed: hears everything that can be seen from outside, and says what is wrong with it, or null. */
  readonly watch: (world: World) => (happening: Happening) => string | null;
}
