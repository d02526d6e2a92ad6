// Collects problems while the configuration is checked, and puts each where it stands in the text.

import type { ConfigPath } from '../sources/kind.js';
import type { Diagnostic } from './diagnostics.js';
import type { PlaceNode } from './plain.js';
import type { Position, YamlFile } from './yaml-file.js';

/** A place in the YAML: a file, and the path of a value in it. */
export interface Spot {
  readonly file: YamlFile;
  readonly path: ConfigPath;
  /** Point at the value (the default) or at its key. */
  readonly at?: 'key' | 'value';
}

export function within(spot: Spot, ...path: ConfigPath): Spot {
  return { file: spot.file, path: [...spot.path, ...path] };
}

export function atKey({ file, path }: Spot): Spot {
  return { file, path, at: 'key' };
}

/** `flows.factures-tge.stages[0]` */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/** `exporters.yaml:12:3`, for messages that speak of a second place. */
export function formatSpot(spot: Spot): string {
  const { line, column } = positionOf(spot);
  return `${spot.file.name}:${line}:${column}`;
}

/** The position of the path, or of the nearest block around it that is written. */
export function positionOf({ file, path, at }: Spot): Position {
  let place: PlaceNode = file.places;
  for (const [index, key] of path.entries()) {
    const child = place.children.get(String(key));
    if (!child) break;
    place = child;
    if (index === path.length - 1 && at === 'key') return file.position(place.key);
  }
  return file.position(place.at);
}

export class Report {
  readonly #diagnostics: Diagnostic[] = [];

  error(spot: Spot, message: string): void {
    this.#add('error', spot, message);
  }

  warning(spot: Spot, message: string): void {
    this.#add('warning', spot, message);
  }

  /** For a problem of a file that could not be parsed, so that it has positions but no paths. */
  add(diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic);
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error');
  }

  /** In the order of the files given, then by line and column; the same message at the same place is given once, as of a block with aliases. */
  sorted(files: readonly string[]): Diagnostic[] {
    const order = new Map(files.map((name, index) => [name, index]));
    const rank = ({ file }: Diagnostic) => order.get(file) ?? files.length;
    const unique = new Map<string, Diagnostic>();
    for (const diagnostic of this.#diagnostics) {
      const { file, line, column, message } = diagnostic;
      const key = JSON.stringify([file, line, column, message]);
      if (!unique.has(key)) unique.set(key, diagnostic);
    }
    return [...unique.values()].toSorted((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
  }

  #add(severity: Diagnostic['severity'], spot: Spot, message: string): void {
    this.#diagnostics.push({ severity, file: spot.file.name, ...positionOf(spot), path: formatPath(spot.path), message });
  }
}
