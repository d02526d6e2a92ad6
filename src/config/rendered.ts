// The files that are rendered from the schemas.

import { kinds } from '../sources/all-kinds.js';
import { renderSchema } from './json-schema.js';
import { renderReference } from './reference.js';

/** Paths are relative to the root of the repository. */
export async function renderedFiles(): Promise<{ path: string; content: string }[]> {
  return [
    { path: 'exporters.schema.json', content: renderSchema(kinds) },
    { path: 'docs/reference.md', content: renderReference(kinds) },
  ];
}
