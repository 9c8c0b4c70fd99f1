import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import type { Path } from "../finding.ts";
import { MAX_ALIAS_USES, MAX_ALIASES, MAX_POLICY_BYTES, MAX_SYNTAX_ERRORS } from "../limits.ts";
import { explainSyntax, repeatedKey } from "./syntax.ts";

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A problem with the text itself, before anything is known of its meaning. */
export interface SyntaxProblem extends Place {
  readonly message: string;
  readonly why?: string;
  readonly fix?: string;
}

/** The text as plain data, and where each part of it stands. */
export interface Source {
  readonly data: unknown;
  /** Where the value at `path` stands, or its key; for what is not there, where it should be. */
  locate(path: Path, at: "key" | "value"): Place;
}

export type ParsedText =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

/** Keys that would reach an object's prototype in careless code. No honest name is among them. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Reads one YAML 1.2 document. Never throws. */
export function parseText(text: string): ParsedText {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_POLICY_BYTES)
    return refuse(START, `the file has ${bytes} bytes; a policy may have ${MAX_POLICY_BYTES}`, {
      fix: "split the fleet into several policies",
    });
  try {
    return parse(text);
  } catch (cause) {
    // Nesting as deep as the call stack is the one thing the parser does not answer in its own words.
    return refuse(START, "the file cannot be read as YAML", { why: cause instanceof Error ? cause.message : "" });
  }
}

const START: Place = { line: 1, column: 1 };

function refuse(place: Place, message: string, more: { why?: string; fix?: string } = {}): ParsedText {
  return { ok: false, problems: [{ ...place, message, ...more }] };
}

function parse(text: string): ParsedText {
  const lines = new LineCounter();
  // The parser compares every key of a map with every other one; `repeated` below needs one look at each.
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: SyntaxProblem[] = [...document.errors, ...document.warnings]
    .slice(0, MAX_SYNTAX_ERRORS)
    .map((e) => ({ ...placeOf(e.pos[0]), ...explainSyntax(e, text) }));
  const complain = (node: Node | null | undefined, message: string, fix: string, why?: string) =>
    problems.push({ ...placeOf(node?.range?.[0] ?? 0), message, fix, ...(why === undefined ? {} : { why }) });

  if (document.directives.yaml.version !== "1.2")
    complain(
      null,
      `the file declares YAML ${document.directives.yaml.version}`,
      "remove the %YAML line: vramp reads 1.2",
    );
  if (problems.length === 0 && document.contents === null)
    return refuse(START, "the file is empty", { fix: "start with `version: 1`, `fleet: …` and `workloads:`" });

  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    // In the order of the text, so that an alias finds the last anchor of its name before it.
    Value(_index, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) for (const key of repeated(node)) complain(key, ...repeatedKey(String(key)));
    },
    Pair(_index, pair) {
      const { key } = pair;
      if (!isPlainKey(key)) complain(isNode(key) ? key : null, "a key must be plain text", "write `name: value`");
      else if (FORBIDDEN_KEYS.has(String(key.value)))
        complain(key, `the key \`${key.value}\` is not allowed`, "choose another name");
    },
    Alias(_index, alias, ancestors) {
      const target = anchors.get(alias.source);
      if (target === undefined)
        complain(alias, `\`*${alias.source}\` refers to nothing`, `mark a value above it with \`&${alias.source}\``);
      else if (ancestors.some((ancestor) => ancestor === target))
        complain(alias, `\`*${alias.source}\` refers to what it stands in`, "write the value out");
      else targets.set(alias, target);
      if (targets.size <= MAX_ALIAS_USES) return undefined;
      complain(alias, `the file has more than ${MAX_ALIAS_USES} aliases`, "write the values out");
      return visit.BREAK;
    },
  });
  if (problems.length > 0) return { ok: false, problems };

  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    return refuse(START, `the aliases unfold into more than ${MAX_ALIASES} copies`, { fix: "write the values out" });
  }
  const resolve = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node);
  return { ok: true, source: { data, locate: (path, at) => placeOf(offsetOf(document.contents, path, at, resolve)) } };
}

const isPlainKey = (key: unknown): key is Scalar<string | number> =>
  isScalar(key) && (typeof key.value === "string" || typeof key.value === "number");

/** The keys of a map that stand there for a second time. */
function repeated(map: YAMLMap): readonly Scalar[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const name = String(key.value);
    if (seen.has(name)) return [key];
    seen.add(name);
    return [];
  });
}

const isNode = (value: unknown): value is Node => isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);

function offsetOf(
  root: ParsedNode | null,
  path: Path,
  at: "key" | "value",
  resolve: (node: unknown) => unknown,
): number {
  let value: unknown = root;
  let key: unknown = null;
  for (const part of path) {
    const [nextKey, nextValue] = step(resolve(value), part);
    if (nextKey === undefined && nextValue === undefined) return startOf(key) ?? startOf(value) ?? 0;
    key = nextKey ?? null;
    value = nextValue;
  }
  const byKey = at === "key" || isBlank(value) || isBlock(value);
  return (byKey ? startOf(key) : undefined) ?? startOf(value) ?? startOf(key) ?? 0;
}

/** The key (in a map) and the value of one part of a path; both undefined when it is not there. */
function step(node: unknown, part: string | number): [key: unknown, value: unknown] {
  if (isSeq(node)) return [undefined, node.items[Number(part)]];
  if (!isMap(node)) return [undefined, undefined];
  const pair = pairsOf(node).get(String(part));
  return [pair?.key, pair?.value];
}

/** Kept for each map, because a file with many problems asks for the places of many keys of the same one. */
const PAIRS = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = PAIRS.get(map);
  if (known !== undefined) return known;
  const pairs = new Map(
    map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])),
  );
  PAIRS.set(map, pairs);
  return pairs;
}

/** `max:` with nothing after it. */
const isBlank = (node: unknown): boolean => isScalar(node) && node.range?.[0] === node.range?.[1];

/** A collection on the lines below its key: the key is where a reader looks for it. */
const isBlock = (node: unknown): boolean => (isMap(node) || isSeq(node)) && node.flow !== true;

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
