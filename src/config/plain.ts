// From YAML nodes to plain values, with the place of every value and key kept beside.
// Aliases are counted before anything walks them, so that a few lines cannot stand for millions of values.

import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import type { ConfigPath } from '../sources/kind.js';
import { underSecret } from './names.js';
import { PiecewiseMap, type Entry } from './pieces.js';

/** Where a value stands in the text: offsets of its key and of itself, and the same for what it holds. */
export interface PlaceNode {
  /** Where a wrong value is shown: the value, or its key where the value is a block of lines, or empty. */
  readonly at: number;
  /** The key that names it; the value itself for entries of lists. */
  readonly key: number;
  readonly children: ReadonlyMap<string, PlaceNode>;
}

export interface PlainProblem {
  readonly offset: number;
  readonly path: ConfigPath;
  readonly message: string;
  /** Where the other one stands, of two that exclude each other. */
  readonly other?: number;
}

export interface Plain {
  readonly value: unknown;
  readonly places: PlaceNode;
  readonly problems: readonly PlainProblem[];
  /** The value is not complete: checking it further would only confuse. */
  readonly fatal: boolean;
}

/** Values that the aliases of one file may stand for, all together. */
const MAX_ALIASED_VALUES = 10_000;
const MERGE_KEY = '<<';
const NO_CHILDREN: ReadonlyMap<string, PlaceNode> = new Map();

interface Converted {
  readonly value: unknown;
  readonly children: ReadonlyMap<string, PlaceNode>;
  /** How many values it holds, itself included, aliases written out. */
  readonly size: number;
}

/**
 * Converts the root node of a document.
 * @throws PieceError where it is parsed piece by piece
 */
export function plainValue(root: ParsedNode | PiecewiseMap): Plain {
  const converter = new Converter();
  const { value, children } = converter.convert(root, []);
  const offset = start(root);
  return { value, places: { at: offset, key: offset, children }, problems: converter.problems, fatal: converter.fatal };
}

class Converter {
  readonly problems: PlainProblem[] = [];
  fatal = false;
  /** By name; undefined while the anchored value is still being read. */
  readonly #anchors = new Map<string, Converted | undefined>();
  #aliased = 0;

  convert(node: unknown, path: ConfigPath): Converted {
    if (isAlias(node)) return this.#alias(node.source, start(node), path);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const converted = this.#written(node, path);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #written(node: unknown, path: ConfigPath): Converted {
    if (isMap(node)) return this.#map(node, node.items, path);
    if (node instanceof PiecewiseMap) return this.#map(node, node.items(), path);
    if (isSeq(node)) return this.#list(node, path);
    return { value: isScalar(node) ? node.value : null, children: NO_CHILDREN, size: 1 };
  }

  #list(list: YAMLSeq, path: ConfigPath): Converted {
    const value: unknown[] = [];
    const children = new Map<string, PlaceNode>();
    let size = 1;
    for (const [index, item] of list.items.entries()) {
      const converted = this.convert(item, [...path, index]);
      const at = start(item);
      value.push(converted.value);
      children.set(String(index), { at, key: at, children: converted.children });
      size += converted.size;
    }
    return { value, children, size };
  }

  #map(map: YAMLMap | PiecewiseMap, entries: Iterable<Entry>, path: ConfigPath): Converted {
    const value: Record<string, unknown> = {};
    const children = new Map<string, PlaceNode>();
    const merged: Converted[] = [];
    let size = 1;
    for (const pair of entries) {
      const key = this.#key(pair, map, path);
      if (key === undefined) continue;
      const converted = this.convert(pair.value, [...path, key]);
      size += converted.size;
      if (key === MERGE_KEY) {
        merged.push(...this.#mergeSources(pair, converted, path));
        continue;
      }
      const keyOffset = start(pair.key);
      const first = children.get(key);
      if (first) {
        this.problems.push({ offset: keyOffset, path: [...path, key], message: 'the key stands twice: keep one', other: first.key });
        continue;
      }
      setOwn(value, key, converted.value);
      children.set(key, { at: shownAt(pair, keyOffset), key: keyOffset, children: converted.children });
    }
    for (const source of merged) this.#merge(source, value, children);
    return { value, children, size };
  }

  /** The text of a key; undefined where it is none, which is a problem. */
  #key({ key, value }: Entry, map: YAMLMap | PiecewiseMap, path: ConfigPath): string | undefined {
    if (isScalar(key)) {
      if (typeof key.value === 'string') return key.value;
      // As written: 2026, true, 0x10.
      if (typeof key.value === 'number' || typeof key.value === 'boolean') return key.source ?? `${key.value}`;
    }
    const isEmpty = key === null || (isScalar(key) && key.value === null);
    const offset = isEmpty ? start(value) || start(map) : start(key);
    this.#problem(offset, path, isEmpty ? 'a key is missing before ":"' : 'a key must be a plain word');
    return undefined;
  }

  /** What `<<` brings in: a mapping or a list of mappings, https://yaml.org/type/merge.html. */
  #mergeSources(pair: Entry, converted: Converted, path: ConfigPath): Converted[] {
    if (isPlainObject(converted.value)) return [converted];
    if (Array.isArray(converted.value) && converted.value.every(isPlainObject)) {
      return converted.value.map((value, index) => ({
        value,
        children: converted.children.get(String(index))?.children ?? NO_CHILDREN,
        size: 1,
      }));
    }
    this.#problem(
      start(pair.key),
      [...path, MERGE_KEY],
      '"<<" takes over the keys of another block: it needs the alias of one, e.g. <<: *name',
    );
    return [];
  }

  /** What is written in the block itself wins over what is merged into it. */
  #merge(source: Converted, into: Record<string, unknown>, children: Map<string, PlaceNode>): void {
    if (!isPlainObject(source.value)) return;
    for (const [key, value] of Object.entries(source.value)) {
      if (children.has(key)) continue;
      setOwn(into, key, value);
      const place = source.children.get(key);
      if (place) children.set(key, place);
    }
  }

  #alias(name: string, offset: number, path: ConfigPath): Converted {
    const nothing: Converted = { value: null, children: NO_CHILDREN, size: 1 };
    const shown = underSecret(path) ? '' : ` "${name}"`;
    const target = this.#anchors.get(name);
    if (!target) {
      const inside = this.#anchors.has(name);
      const quote = `quote the value if the * belongs to it, '*…'`;
      this.#problem(
        offset,
        path,
        inside ? `the alias${shown} stands inside what it stands for` : `no anchor${shown} before this alias: ${quote}`,
      );
      this.fatal = true;
      return nothing;
    }
    const wasWithin = this.#aliased <= MAX_ALIASED_VALUES;
    this.#aliased += target.size;
    if (this.#aliased <= MAX_ALIASED_VALUES) return target;
    if (wasWithin) {
      this.#problem(offset, path, `up to here aliases stand for more than ${MAX_ALIASED_VALUES} values (an alias bomb?): write them out`);
      this.fatal = true;
    }
    return nothing;
  }

  #problem(offset: number, path: ConfigPath, message: string): void {
    this.problems.push({ offset, path, message });
  }
}

function start(node: unknown): number {
  return isNodeWithRange(node) || node instanceof PiecewiseMap ? node.range[0] : 0;
}

function isNodeWithRange(node: unknown): node is Node & { range: [number, number, number] } {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range !== undefined && node.range !== null;
}

/** A value on the line of its key is shown itself; a block below it, or nothing at all, by its key. */
function shownAt({ value }: Entry, keyOffset: number): number {
  if (!isNodeWithRange(value)) return keyOffset;
  const isBlock = (isMap(value) || isSeq(value)) && value.flow !== true;
  const isEmpty = isScalar(value) && value.value === null && value.range[0] === value.range[1];
  return isBlock || isEmpty ? keyOffset : value.range[0];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Plain assignment would take `__proto__` for the prototype. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
