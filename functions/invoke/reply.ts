/** What `invoke` answers: a sentence first, then the facts. */
export interface Reply {
  readonly summary: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly [fact: string]: unknown;
}

const count = (nodes: number): string => `${nodes} ${nodes === 1 ? "node" : "nodes"}`;

/** The one-line story of a decision. */
export function summarize(workload: string, current: number, want: number, reason: string, detail: string): string {
  const what = want === current ? `stays at ${count(current)}` : `${current} → ${count(want)}`;
  return `${workload}: ${what} (${reason}: ${detail})`;
}
