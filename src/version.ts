// The version of Vigie, from package.json, which stands two folders above the compiled file.

import { readFileSync } from 'node:fs';

function read(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof description === 'object' && description !== null && 'version' in description) return String(description.version);
  throw new Error('package.json names no version');
}

export const VERSION = read();
