/** How deep a JSON text nests at most, found without parsing it. Brackets in strings do not count. */
export function nestingOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === "\\") at += 1;
    else if (!quoted && (character === "{" || character === "[")) deepest = Math.max(deepest, ++depth);
    else if (!quoted && (character === "}" || character === "]")) depth -= 1;
  }
  return deepest;
}
