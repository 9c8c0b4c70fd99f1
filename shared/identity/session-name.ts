// What AWS takes as a session's name.
const SESSION_NAME = 64;

/** How vramp's role sessions are called in CloudTrail, for a fleet's name. */
export const sessionNameOf = (fleet: string): string =>
  `vramp-${fleet.replace(/[^\w+=,.@-]/g, "-")}`.slice(0, SESSION_NAME);
