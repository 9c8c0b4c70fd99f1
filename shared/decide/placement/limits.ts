/** DEFAULT_HEADROOM: share of every card kept free. The operations guide asks for 20 %: KV cache and activations grow there. */
export const DEFAULT_HEADROOM = 0.2;

/**
 * EXACT_STATES: how many combinations of placed models the exact search may look at: 16 models of different sizes
 * (2^16), and hundreds when many are alike. About 40 ms and 1 MB, which fits a run of the reconciler.
 */
export const EXACT_STATES = 65_536;
