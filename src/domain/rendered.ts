// A file that `vigie render` writes, the mark by which it knows its own files again, and how files differ.

export interface RenderedFile {
  /** Relative to the folder rendered into, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

/** Stands in every rendered file whose format has room for it. What carries it and is no longer rendered is stale. */
export const RENDERED_MARK = 'rendered by vigie render; edit src/';

/** The first line of a rendered YAML file. @param source where to change it, relative to src/ */
export function yamlHeader(source: string): string {
  return `# ${RENDERED_MARK}${source}\n`;
}
