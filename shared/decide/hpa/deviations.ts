/**
 * Where a node is not a pod. Each switch turns one HPA rule into the one that suits machines which take minutes to arrive;
 * `docs/hpa.md` has the reasons. With all of them off the functions of this folder answer exactly as HPA does.
 */
export interface Deviations {
  /**
   * A hold (metrics that cannot be read) is remembered as a recommendation of the size it held. HPA remembers nothing, so
   * that after a blackout longer than the window the first low reading drops the size to the minimum.
   */
  readonly rememberHolds: boolean;
  /**
   * Growth multiplies the larger of the nodes that serve and the nodes asked for. HPA multiplies the ones that serve, and
   * shrinks 3 to 2 when 1 of 3 is ready at almost twice its target.
   */
  readonly growthBasisMaxReadyCurrent: boolean;
  /** Percent policies are worked out in integers: 100 nodes + 10 % are 110. HPA's doubles make it 111. */
  readonly exactIntegerPercent: boolean;
  /**
   * Nodes under way count as capacity that is idle for now, so that nothing is asked for twice, and a target that is met
   * leaves the size at what was asked for. HPA knows only of pods that exist.
   */
  readonly upcomingCountsAsCapacity: boolean;
  /** A total's target while none of the nodes is ready is a failed metric. HPA multiplies by zero and proposes zero. */
  readonly noneReadyIsUnknown: boolean;
}

/** HPA to the bit: what the upstream vectors run with. */
export const HPA_EXACT: Deviations = {
  rememberHolds: false,
  growthBasisMaxReadyCurrent: false,
  exactIntegerPercent: false,
  upcomingCountsAsCapacity: false,
  noneReadyIsUnknown: false,
};

/** What policies run with. */
export const NODE_DEFAULTS: Deviations = {
  rememberHolds: true,
  growthBasisMaxReadyCurrent: true,
  exactIntegerPercent: true,
  upcomingCountsAsCapacity: true,
  noneReadyIsUnknown: true,
};
