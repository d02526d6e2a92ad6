// Finds values inside small files: JSON, XML or any text. What is read is other people's: no entity is resolved, no document type is
// believed, and what cannot be understood is said to be so. Loaded only where the YAML looks inside files.

import { XMLParser } from 'fast-xml-parser';
import { query, type JsonValue } from 'jsonpath-rfc9535';
import type { Inside } from './inside-check.js';
import { parseXmlPath, type XmlPath } from './inside-path.js';

/** The file is not what the YAML says it is, or not whole. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const ATTRIBUTE = '@';
const TEXT = '#text';

/** The five entities of XML itself; there are no others for us. https://www.w3.org/TR/xml/#sec-predefined-ent */
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // Neither those of a document type nor any other: a few bytes could else grow to gigabytes, or name a file of ours.
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** A small file; it is parsed once for each format, when somebody asks. */
export class Inspected {
  readonly text: string;
  #json: { readonly value: JsonValue } | undefined;
  #xml: { readonly value: unknown } | undefined;

  constructor(bytes: Buffer) {
    this.text = decode(bytes);
  }

  /** Everything that stands there, as text, in the order of the document. @throws Unreadable */
  values({ json, xml, regex }: Inside, group: string): string[] {
    if (json !== undefined) return query(this.#asJson(), json).flatMap(scalars);
    if (xml !== undefined) return this.#elements(xml);
    if (regex === undefined) return [];
    const match = new RegExp(regex).exec(this.text);
    const found = match?.groups?.[group] ?? match?.[1] ?? match?.[0];
    return found === undefined ? [] : [found];
  }

  /** How many things stand there, or the number that stands there. @throws Unreadable @returns undefined where nothing does */
  count(inside: Inside, group: string): number | undefined {
    if (inside.json !== undefined) {
      const nodes = query(this.#asJson(), inside.json);
      const [first] = nodes;
      if (nodes.length === 1 && Array.isArray(first)) return first.length;
      return countOf(nodes.map((node) => (typeof node === 'object' ? '' : String(node))));
    }
    return countOf(this.values(inside, group));
  }

  #elements(path: string): string[] {
    const parsed = parseXmlPath(path);
    return parsed ? findInXml(this.#asXml(), parsed) : [];
  }

  #asJson(): JsonValue {
    this.#json ??= { value: unlessUnreadable(() => JSON.parse(this.text)) };
    return this.#json.value;
  }

  #asXml(): unknown {
    this.#xml ??= { value: unlessUnreadable(() => parser.parse(this.text, true)) };
    return this.#xml.value;
  }
}

/** One that is a number is the number. */
function countOf(values: readonly string[]): number | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const number = Number(first.trim());
  if (values.length === 1 && first.trim() !== '' && Number.isInteger(number) && number >= 0) return number;
  return values.length;
}

function unlessUnreadable<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    // The parsers' words hold pieces of the file.
    throw new Unreadable('it is not in the format that the YAML names, or not whole');
  }
}

function scalars(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}

function findInXml(root: unknown, { anywhere, elements, attribute }: XmlPath): string[] {
  const [first = '', ...rest] = elements;
  let nodes = anywhere ? descendants(root, first) : children(root, first);
  for (const name of rest) nodes = nodes.flatMap((node) => children(node, name));
  if (attribute !== undefined) nodes = nodes.flatMap((node) => children(node, `${ATTRIBUTE}${attribute}`));
  return nodes.map(textOf);
}

function children(node: unknown, name: string): unknown[] {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return [];
  const child: unknown = Reflect.get(node, name);
  return Array.isArray(child) ? child : [child];
}

function descendants(node: unknown, name: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  const found = children(node, name);
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith(ATTRIBUTE)) continue;
    for (const child of Array.isArray(value) ? value : [value]) found.push(...descendants(child, name));
  }
  return found;
}

function textOf(node: unknown): string {
  const text: unknown = typeof node === 'object' && node !== null ? Reflect.get(node, TEXT) : node;
  if (typeof text !== 'string') return '';
  return text.trim().replaceAll(/&(?<name>lt|gt|amp|quot|apos);/g, (_entity, name: string) => ENTITIES[name] ?? '');
}

/** UTF-8, unless a byte order mark or the declaration of XML says otherwise. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const declared = /^<\?xml[^>]{0,100}encoding=["'](?<name>[A-Za-z0-9._-]+)["']/.exec(bytes.toString('latin1', 0, 200));
  try {
    return new TextDecoder(declared?.groups?.['name'] ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
