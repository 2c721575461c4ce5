import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Problem } from './problems.js';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as a value, with the place of everything in it; or what keeps it from being one. */
export type YamlSource =
  | { readonly ok: true; readonly value: unknown; readonly locate: (problem: Problem) => Position }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Bounds what aliases may unfold to: a few shared weeks of opening hours, never a bomb. */
const MAX_ALIAS_COUNT = 200;
const MAX_MISTAKES = 20;
const START: Position = { line: 1, column: 1 };
const TOO_DEEP = 'is nested too deeply; allowed: a plain manifest';
const TOO_MANY_ALIASES = `unfolds too many aliases; allowed: at most ${MAX_ALIAS_COUNT} values through aliases`;

type Mistake = Position & { readonly message: string };
type Locate = (offset: number) => Position;

export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const position: Locate = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refuse = (message: string, at: Position = START): YamlSource => ({
    ok: false,
    mistakes: [{ ...at, message }],
  });
  try {
    // The library's own search for duplicate keys is quadratic; that of mistakesOf() is not.
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    if (!Array.isArray(documents)) return refuse('is empty; allowed: one manifest');
    const [first, second] = documents;
    if (first === undefined || (first.contents === null && first.errors.length === 0)) {
      return refuse('is empty; allowed: one manifest');
    }
    if (second !== undefined) {
      return refuse('a second document begins here; allowed: one manifest a file', position(second.range[0]));
    }
    const { yaml, tags } = first.directives ?? {};
    if (yaml?.explicit || Object.keys(tags ?? {}).length > 1)
      return refuse('begins with a directive (%); allowed: YAML 1.2 without any');
    const faults = [
      ...first.errors,
      // An unknown tag is told as any tag is.
      ...first.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED'),
    ];
    if (faults.some((fault) => fault.message.includes('call stack'))) return refuse(TOO_DEEP);
    const mistakes = [
      ...faults.map((fault) => ({ ...position(fault.pos[0]), message: sentence(fault.message) })),
      ...mistakesOf(first, position),
    ];
    if (mistakes.length > 0) return { ok: false, mistakes: mistakes.slice(0, MAX_MISTAKES) };
    const value: unknown = first.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    return { ok: true, value, locate: (problem) => position(offsetOf(first, problem)) };
  } catch (error) {
    if (error instanceof RangeError) return refuse(TOO_DEEP);
    if (error instanceof ReferenceError) return refuse(TOO_MANY_ALIASES);
    throw error;
  }
}

const sentence = (message: string): string =>
  `is not YAML: ${(message.split('\n')[0] ?? message).replace(/[:.]+$/, '')}`;

/** What the library would let pass or find too slowly: keys given twice, keys that are groups, lost aliases. */
function mistakesOf(document: Document, position: Locate): Mistake[] {
  const found: Mistake[] = [];
  const anchors = new Set<string>();
  const unfolding = new Unfolding(document);
  let aliases = 0;
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      const at = position(startOf(node) ?? 0);
      if (!anchors.has(node.source))
        found.push({ ...at, message: `*${node.source} has no anchor before it` });
      aliases += unfolding.of(node);
      if (aliases <= MAX_ALIAS_COUNT) return undefined;
      found.push({ ...at, message: TOO_MANY_ALIASES });
      return visit.BREAK;
    }
    if (isNode(node) && node.tag !== undefined) {
      const at = position(startOf(node) ?? 0);
      found.push({ ...at, message: `has the tag ${shortTag(node.tag)}; allowed: values without tags` });
    }
    if (isCollection(node) || isScalar(node)) if (node.anchor !== undefined) anchors.add(node.anchor);
    if (isMap(node)) found.push(...mistakesOfKeys(node, position));
    return undefined;
  });
  return found;
}

/** The library writes the tags of YAML itself out in full. */
const shortTag = (tag: string): string => tag.replace(/^tag:yaml\.org,2002:/, '!!').slice(0, 60);

/** How many aliases one alias unfolds to: itself and those below its anchor, without end where it stands there itself. */
class Unfolding {
  readonly #document: Document;
  readonly #below = new Map<Node, number>();

  constructor(document: Document) {
    this.#document = document;
  }

  of(alias: Alias): number {
    const target = alias.resolve(this.#document);
    if (target === undefined) return 1;
    const known = this.#below.get(target);
    if (known !== undefined) return 1 + known;
    this.#below.set(target, Number.POSITIVE_INFINITY);
    let below = 0;
    visit(target, (_key, node) => {
      if (isAlias(node)) below += this.of(node);
    });
    this.#below.set(target, below);
    return 1 + below;
  }
}

function mistakesOfKeys(map: YAMLMap, position: Locate): Mistake[] {
  const found: Mistake[] = [];
  const seen = new Map<unknown, Position>();
  for (const { key } of map.items) {
    const at = position(startOf(key) ?? 0);
    const before = isScalar(key) ? seen.get(key.value) : undefined;
    if (!isScalar(key)) found.push({ ...at, message: 'has a key that is not text; allowed: plain keys' });
    else if (before === undefined) seen.set(key.value, at);
    else {
      found.push({ ...at, message: `${quote(key.value)} is given twice, first on line ${before.line}` });
    }
  }
  return found;
}

const quote = (key: unknown): string => JSON.stringify(String(key).slice(0, 60));

/** Follows a path through the document as far as it goes; what is missing points at its parent's key. */
function offsetOf(document: Document, { path, at }: Problem): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    const holder = isAlias(node) ? node.resolve(document) : node;
    const last = index === path.length - 1;
    if (isMap(holder)) {
      const pair = holder.items.find((item) => keyOf(item) === String(key));
      if (pair === undefined) return offset;
      node = pair.value;
      const ownKey = startOf(pair.key) ?? offset;
      const valueStart = isScalar(node) || isAlias(node) ? startOf(node) : undefined;
      offset = last && at === 'value' ? (valueStart ?? ownKey) : ownKey;
    } else if (isSeq(holder)) {
      node = holder.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);

const startOf = (node: unknown): number | undefined =>
  isNode(node) ? ((node as Node).range?.[0] ?? undefined) : undefined;
