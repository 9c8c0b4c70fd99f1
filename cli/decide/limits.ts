/** MAX_LINE_BYTES: 4 MiB. A thousand nodes with a per-node series of an hour take half of it; what is longer has lost its newlines. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** MAX_SHOWN: how much of a wrong value an error line repeats, in characters: enough to find it by. */
export const MAX_SHOWN = 60;
