/** The Node that the project pins. */
export const PINNED_NODE: string;
/** Installs the locked npm packages unless they are installed already. Ends the process when it cannot. */
export function ensurePackages(): void;
/** Installs the Debian packages that tests run, when missing and possible. Ends the process when they stay missing. */
export function ensureSystemPackages(): void;
