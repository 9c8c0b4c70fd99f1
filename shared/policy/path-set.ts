import type { Path } from "./finding.ts";

interface Branch {
  isMember: boolean;
  readonly children: Map<string | number, Branch>;
}

const branch = (): Branch => ({ isMember: false, children: new Map() });

/** Paths as a tree, so that asking costs the length of a path, however many there are. */
export class PathSet {
  readonly #root = branch();

  add(path: Path): void {
    let here = this.#root;
    for (const part of path) {
      const next = here.children.get(part) ?? branch();
      here.children.set(part, next);
      here = next;
    }
    here.isMember = true;
  }

  /** Whether a member is this path, lies inside it or contains it. */
  touches(path: Path): boolean {
    let here = this.#root;
    for (const part of path) {
      if (here.isMember) return true;
      const next = here.children.get(part);
      if (next === undefined) return false;
      here = next;
    }
    return here.isMember || here.children.size > 0;
  }
}
