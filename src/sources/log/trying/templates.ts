// Groups lines into templates, so that a million unmatched lines are a short list of kinds of lines.
// The algorithm is Drain: P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017.

import { masked } from './masks.js';

export interface Template {
  /** What its lines have in common; `<*>` stands where they differ. */
  readonly template: string;
  readonly count: number;
  /** The first of its lines, cut. */
  readonly example: string;
}

export interface TemplatesOptions {
  /** Lines that would begin another template beyond these go to the most similar one. Default 500. */
  readonly most?: number;
  /** From 0 to 1: the share of words that a line must have in common with a template. Default 0.6. */
  readonly similarity?: number;
}

const WILDCARD = '<*>';
const MASK = /^[^\w\s]*<(?:num|hex|uuid|ip|time|str|\*)>\W*$/;
/** What comes before a value: `partner=`, `"partner":`. */
const KEY = /[=:]$/;
/** Words end at spaces, after separators of fields, and between a key and its value. */
const BOUNDARY = /(\s+|[,;|&]\s*|(?<==)|(?<=":\s?))/;
/** How much of a line is looked at. */
const LONGEST_LINE = 1000;
const MOST_WORDS = 100;
const LONGEST_EXAMPLE = 160;
/** Words of the beginning by which the tree branches. */
const DEPTH = 2;
const MOST_BRANCHES = 100;

interface Cluster {
  readonly id: number;
  readonly words: string[];
  /** What stands after each word. */
  readonly gaps: readonly string[];
  readonly example: string;
  count: number;
}

interface Node {
  readonly branches: Map<string, Node>;
  readonly clusters: Cluster[];
}

export class Templates {
  readonly #most: number;
  readonly #similarity: number;
  /** By number of words, then by the first words. */
  readonly #roots = new Map<number, Node>();
  readonly #byLength = new Map<number, Cluster[]>();
  readonly #clusters: Cluster[] = [];

  constructor({ most = 500, similarity = 0.6 }: TemplatesOptions = {}) {
    this.#most = most;
    this.#similarity = similarity;
  }

  /** @returns a number that its template keeps, from 0 upwards and below `most` */
  add(line: string): number {
    const { words, gaps } = split(line);
    const leaf = this.#leaf(words);
    const similar = mostSimilar(leaf.clusters, words);
    const cluster = similar && similar.share >= this.#similarity ? similar.cluster : this.#another(leaf, words, gaps, line);
    cluster.count++;
    for (const [index, word] of words.entries()) {
      if (index < cluster.words.length && cluster.words[index] !== word) cluster.words[index] = WILDCARD;
    }
    return cluster.id;
  }

  /** Most frequent first; of those that are equally frequent, the one that came first. */
  list(): (Template & { readonly id: number })[] {
    return this.#clusters
      .map(({ id, words, gaps, count, example }) => ({ id, template: joined(words, gaps), count, example }))
      .toSorted((a, b) => b.count - a.count || a.id - b.id);
  }

  #leaf(words: readonly string[]): Node {
    let node = entryOf(this.#roots, words.length, newNode);
    for (const word of words.slice(0, DEPTH)) {
      const isOpen = node.branches.has(word) || node.branches.size < MOST_BRANCHES;
      node = entryOf(node.branches, /\d/.test(word) || !isOpen ? WILDCARD : word, newNode);
    }
    return node;
  }

  /** A new template, or where there is room for none, what comes nearest among those of as many words, else among all. */
  #another(leaf: Node, words: string[], gaps: readonly string[], line: string): Cluster {
    const siblings = entryOf(this.#byLength, words.length, () => []);
    if (this.#clusters.length >= this.#most) {
      const nearest = mostSimilar(siblings, words)?.cluster ?? nearestInLength(this.#clusters, words.length);
      if (nearest) return nearest;
    }
    const cluster: Cluster = {
      id: this.#clusters.length,
      words: words.map(copyOf),
      gaps: gaps.map(copyOf),
      example: copyOf(line.slice(0, LONGEST_EXAMPLE)),
      count: 0,
    };
    for (const list of [leaf.clusters, siblings, this.#clusters]) list.push(cluster);
    return cluster;
  }
}

function split(line: string): { words: string[]; gaps: string[] } {
  const pieces = masked(line.slice(0, LONGEST_LINE).trim()).split(BOUNDARY);
  const words = pieces.filter((_piece, index) => index % 2 === 0);
  const gaps = pieces.filter((_piece, index) => index % 2 === 1).map((gap) => gap.replaceAll(/\s+/g, ' '));
  if (words.length <= MOST_WORDS) return { words, gaps };
  return { words: [...words.slice(0, MOST_WORDS - 1), '…'], gaps: gaps.slice(0, MOST_WORDS - 1) };
}

function joined(words: readonly string[], gaps: readonly string[]): string {
  return words.map((word, index) => `${word}${gaps[index] ?? ''}`).join('');
}

function mostSimilar(clusters: readonly Cluster[], words: readonly string[]): { cluster: Cluster; share: number } | undefined {
  let best: { cluster: Cluster; share: number } | undefined;
  for (const cluster of clusters) {
    const share = likeness(cluster.words, words);
    if (!best || share > best.share) best = { cluster, share };
  }
  return best;
}

/** The share of words that are the same. What is masked or names a field is the same in different kinds of lines: it does not count. */
function likeness(template: readonly string[], words: readonly string[]): number {
  let same = 0;
  let counted = 0;
  for (const [index, word] of words.entries()) {
    const isSame = template[index] === word;
    if (isSame && (MASK.test(word) || KEY.test(word))) continue;
    counted++;
    if (isSame) same++;
  }
  return counted === 0 ? 1 : same / counted;
}

function nearestInLength(clusters: readonly Cluster[], length: number): Cluster | undefined {
  const far = (cluster: Cluster) => Math.abs(cluster.words.length - length);
  return clusters.reduce<Cluster | undefined>((best, cluster) => (best && far(best) <= far(cluster) ? best : cluster), undefined);
}

function newNode(): Node {
  return { branches: new Map(), clusters: [] };
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** A part of a line keeps the whole line in memory; this one does not. Half pairs are mended, since the text may have been cut. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
