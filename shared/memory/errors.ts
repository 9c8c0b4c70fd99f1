/** Somebody else saved first. Load again and decide again. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
}

/** The store did not answer, or refused. No memory: no mutating call. */
export class MemoryUnavailable extends Error {
  override readonly name = "MemoryUnavailable";
}

/** What is stored cannot be read by this version. Nothing is changed until a person has looked. */
export class MemoryUnreadable extends Error {
  override readonly name = "MemoryUnreadable";
}
