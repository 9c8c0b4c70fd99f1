/** What a record holds under a name, and never what every object inherits: `signal: constructor` names nothing. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
