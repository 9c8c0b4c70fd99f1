import type { Path } from "./finding.ts";
import { PathSet } from "./path-set.ts";

/** Marks an element that was taken out of a list, so that those after it keep their index. */
const HOLE = Symbol("hole");

/** One place, by its path in the file and by its path in the working copy. */
export interface Spot {
  readonly file: Path;
  readonly inner: Path;
}

/** The place around a place. */
export const ownerOf = ({ file, inner }: Spot): Spot => ({ file: file.slice(0, -1), inner: inner.slice(0, -1) });

/**
 * A working copy of the file's data from which wrong parts are taken out, so that the rest can still be looked at.
 * Paths in the answers about it are those of the file; a damaged part, and whatever rests on it, is not judged again.
 */
export class Draft {
  readonly #root: { readonly value: unknown };
  readonly #damaged = new PathSet();
  /** The name in the file, by the path in the working copy. */
  readonly #renamed = new Map<string, string>();

  constructor(data: unknown) {
    this.#root = { value: copy(data) };
  }

  /** The data as it stands now, without holes. */
  value(): unknown {
    return dense(this.#root.value);
  }

  /** Finds what stands at `path` in `value()`. Ask for all the places you need before changing anything. */
  locate(path: Path): Spot {
    const file: (string | number)[] = [];
    const inner: (string | number)[] = [];
    let here: unknown = this.#root.value;
    for (const part of path) {
      const key = typeof part === "number" && Array.isArray(here) ? indexBeforeHoles(here, part) : part;
      inner.push(key);
      file.push(this.#renamed.get(JSON.stringify(inner)) ?? key);
      here = child(here, key);
    }
    return { file, inner };
  }

  /** Whether a judgement about this path of the file, or any it rests on, would judge a damaged part. */
  isDamaged(path: Path, involves: readonly Path[] = []): boolean {
    return [path, ...involves].some((each) => this.#damaged.touches(each));
  }

  /** Gives a key another name. */
  rename({ inner }: Spot, name: string): void {
    const owner = this.#at(inner.slice(0, -1));
    const from = inner.at(-1);
    if (!isRecord(owner) || typeof from !== "string" || !Object.hasOwn(owner, from)) return;
    owner[name] = owner[from];
    delete owner[from];
    this.#renamed.set(JSON.stringify([...inner.slice(0, -1), name]), from);
  }

  /** Puts a value where a wrong one stood, or none did. */
  replace({ file, inner }: Spot, value: unknown): void {
    this.#damaged.add(file);
    const owner = this.#at(inner.slice(0, -1));
    const part = inner.at(-1);
    if (Array.isArray(owner)) owner[Number(part)] = copy(value);
    else if (isRecord(owner) && part !== undefined) owner[part] = copy(value);
  }

  /** Takes out what stands there. */
  remove({ file, inner }: Spot): void {
    this.#damaged.add(file);
    const owner = this.#at(inner.slice(0, -1));
    const part = inner.at(-1);
    if (Array.isArray(owner)) owner[Number(part)] = HOLE;
    else if (isRecord(owner) && part !== undefined) delete owner[part];
  }

  /** Whether something stands there. */
  has({ inner }: Spot): boolean {
    return this.#at(inner) !== undefined;
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>(child, this.#root.value);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function child(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return value[Number(part)] === HOLE ? undefined : value[Number(part)];
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

function indexBeforeHoles(list: readonly unknown[], index: number): number {
  const kept = list.flatMap((element, i) => (element === HOLE ? [] : [i]));
  return kept[index] ?? index;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copy(v)])) : value;
}

function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== HOLE).map(dense);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, dense(v)])) : value;
}
