/** Where secrets come from. Values never reach a log, the audit or an error. */
export interface Secrets {
  /** The secret's current value. Throws `SecretUnavailable`, which names the secret and never its value. */
  get(name: string): Promise<string>;
}

export class SecretUnavailable extends Error {
  override readonly name = "SecretUnavailable";
}
