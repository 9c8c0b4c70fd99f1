/**
 * EXACT_STATES: how many combinations of placed models the exact search may look at: 16 models of different sizes
 * (2^16), and hundreds when many are alike. About 40 ms and 1 MB, which fits a run of the reconciler.
 */
export const EXACT_STATES = 65_536;
