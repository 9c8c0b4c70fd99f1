/** What the fleet's stop says. `unknown`: nobody can tell now, and `why`. */
export type StopState =
  | { readonly kind: "clear" }
  | { readonly kind: "set" }
  | { readonly kind: "unknown"; readonly why: string };

/** The stop of a whole fleet, kept apart from the memory so that it works when the memory does not. */
export interface Stop {
  /** What it says now, or said a few seconds ago. Never throws: what cannot be read is unknown. */
  read(): Promise<StopState>;
}

/** For a process whose operator stops it by ending it. */
export const NO_STOP: Stop = { read: async () => ({ kind: "clear" }) };
