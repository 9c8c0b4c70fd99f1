import { Draft, ownerOf, type Spot } from "./draft.ts";
import { explainAll, type ShapeFinding } from "./explain/explain.ts";
import { standIn } from "./explain/known-keys.ts";
import { wording } from "./explain/wording.ts";
import type { Finding } from "./finding.ts";
import { lint } from "./lint/index.ts";
import { type Policy, policy as schema } from "./schema/policy.ts";

export interface Checked {
  /** Null when any finding is an error. */
  readonly policy: Policy | null;
  readonly findings: readonly Finding[];
}

/** Each round looks past the problems of the one before it; honest files need one or two. */
const MAX_ROUNDS = 12;

/**
 * Checks the shape of the data, then its sense. When the shape is wrong, the wrong parts are mended or taken out and the
 * rest is checked all the same, so that one run shows every problem of a file.
 */
export function check(data: unknown): Checked {
  const draft = new Draft(data);
  const findings: Finding[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const value = draft.value();
    const parsed = schema.safeParse(value, { error: wording });
    if (parsed.success) {
      findings.push(...sound(draft, lint(parsed.data)).map(([finding]) => finding));
      return { policy: findings.some((f) => f.severity === "error") ? null : parsed.data, findings };
    }
    const problems = explainAll(parsed.error.issues, schema, value);
    const spots = problems.map((problem): [ShapeFinding, Spot] => [problem, draft.locate(problem.path)]);
    const fresh = sound(draft, problems);
    rename(draft, spots);
    // `mx` for `max` is one mistake, not an unknown key and a missing one.
    findings.push(
      ...fresh.filter(([, spot, p]) => !(p.isMissing === true && draft.has(spot))).map(([finding]) => finding),
    );
    if (!mend(draft, spots)) return { policy: null, findings };
  }
  return { policy: null, findings };
}

/** The findings that judge no damaged part, with their paths in the file. */
function sound<F extends Finding>(draft: Draft, findings: readonly F[]): (readonly [Finding, Spot, F])[] {
  return findings.flatMap((finding) => {
    const spot = draft.locate(finding.path);
    const involves = finding.involves?.map((path) => draft.locate(path).file);
    return draft.isDamaged(spot.file, involves) ? [] : [[{ ...finding, path: spot.file }, spot, finding] as const];
  });
}

function rename(draft: Draft, spots: readonly (readonly [ShapeFinding, Spot])[]): void {
  for (const [{ mend: how }, spot] of spots) if (typeof how === "object") draft.rename(spot, how.renameTo);
}

/** Makes the draft fit to be looked at again; false when nothing of it is left. */
function mend(draft: Draft, spots: readonly (readonly [ShapeFinding, Spot])[]): boolean {
  return spots.every(([finding, spot]) => {
    if (typeof finding.mend === "object" || (finding.isMissing === true && draft.has(spot))) return true;
    const instead = finding.mend === "replace" ? standIn(schema, finding.path) : undefined;
    const gone = finding.isMissing === true ? ownerOf(spot) : spot;
    if (instead !== undefined && spot.inner.length > 0) draft.replace(spot, instead.value);
    else if (gone.inner.length > 0) draft.remove(gone);
    else return false;
    return true;
  });
}
