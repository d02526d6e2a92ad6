// The paths of values inside files: whether they are well formed, and how an XML path is read. No parser of documents comes with it.

import parseJsonPath from 'jsonpath-rfc9535/parser';

/** @returns undefined where nothing is wrong */
export function jsonPathProblem(path: string): string | undefined {
  try {
    parseJsonPath(path);
    return undefined;
  } catch {
    return `"${path}" is no JSONPath (RFC 9535): it begins with $, e.g. $.status or $.items[0].ref`;
  }
}

/** Path of an element or attribute. */
export interface XmlPath {
  /** The first element may be at any depth. */
  readonly anywhere: boolean;
  /** Names of elements without prefixes. */
  readonly elements: readonly string[];
  readonly attribute: string | undefined;
}

const NAME = '[\\p{L}_][\\p{L}\\p{N}_.-]*';
const XML_PATH = new RegExp(`^(?<start>//?)?(?<elements>${NAME}(?:/${NAME})*)(?:/@(?<attribute>${NAME}))?$`, 'u');

/** @returns undefined where the text is none */
export function parseXmlPath(path: string): XmlPath | undefined {
  const groups = XML_PATH.exec(path)?.groups;
  if (!groups) return undefined;
  return {
    anywhere: groups['start'] === '//',
    elements: (groups['elements'] ?? '').split('/'),
    attribute: groups['attribute'],
  };
}

/** @returns undefined where nothing is wrong */
export function xmlPathProblem(path: string): string | undefined {
  if (parseXmlPath(path)) return undefined;
  return `"${path}" is no path of elements: it must be names without prefixes, e.g. Ack/Header/Reference, Ack/@status, or //Reference at any depth`;
}
