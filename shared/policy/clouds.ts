/** The clouds that a pool may be of, by the key of its reference. */
export const CLOUDS = ["eks", "gke", "aks"] as const;
export type Cloud = (typeof CLOUDS)[number];
