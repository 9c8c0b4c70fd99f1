import leven from "leven";

/** The candidate a mistyped name most likely meant: at most a third of its letters differ, case aside. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const allowed = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase(), { maxDistance: bestDistance });
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `a`, `b` and `c`. */
export function listed(names: readonly string[], last: "and" | "or" = "and"): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} ${last} ${quoted.at(-1)}`;
}

/** Names beyond this many say less than their number does. */
const MAX_LISTED = 12;

/** What to do about a name that does not exist: the likely one, or those that do. */
export function didYouMean(name: string, known: readonly string[], none: string): string {
  const near = closest(name, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (known.length === 0) return none;
  const rest = known.length - MAX_LISTED;
  return `use ${listed(known.slice(0, MAX_LISTED), "or")}${rest > 0 ? `, or one of ${rest} more` : ""}`;
}
