/** Keys and indexes from the top of the file down to a value. */
export type Path = readonly (string | number)[];

export type Severity = "error" | "warning";

/** A problem, before it has a place in the text. */
export interface Finding {
  readonly severity: Severity;
  /** The value it is about; when the value is not there, its nearest ancestor that is marks the place. */
  readonly path: Path;
  /** Point at the key, because the key itself is wrong. */
  readonly atKey?: boolean;
  /** What is wrong. */
  readonly message: string;
  /** What would happen, or which rule it breaks. */
  readonly why?: string;
  /** What to write instead. */
  readonly fix?: string;
  /** Other places the judgement rests on. If one of them is itself wrong, the finding waits until it is mended. */
  readonly involves?: readonly Path[];
}

type Words = Pick<Finding, "message" | "why" | "fix" | "involves">;

export const error = (path: Path, words: Words): Finding => ({ severity: "error", path, ...words });
export const warning = (path: Path, words: Words): Finding => ({ severity: "warning", path, ...words });

/** A problem in the text of a policy file. Lines and columns count from 1, as editors do. */
export interface PolicyIssue {
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Such as `workloads.worker-llm.scaleUp.any[0].signal`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly why?: string;
  readonly fix?: string;
}

/** `["a", "b", 0]` is `a.b[0]`. */
export function formatPath(path: Path): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");
}
