// What the lock file must hold whoever wrote it.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

async function lockedVersions(name: string): Promise<string[]> {
  const lock: unknown = JSON.parse(await readFile(LOCK_FILE, 'utf8'));
  if (typeof lock !== 'object' || lock === null || !('packages' in lock)) throw new Error('the lock file lists no packages');
  return Object.entries(lock.packages ?? {}).flatMap(([path, entry]: [string, unknown]) => {
    if (!path.endsWith(`node_modules/${name}`)) return [];
    return typeof entry === 'object' && entry !== null && 'version' in entry ? [String(entry.version)] : [];
  });
}

describe('the lock file', () => {
  // npm run by an old Node.js resolves tedious 19, which hangs at logins and cancels: https://github.com/tediousjs/tedious/releases
  test('holds tedious from version 20 on, and one of them only', async () => {
    const versions = await lockedVersions('tedious');

    expect(versions).toHaveLength(1);
    expect(Number(versions[0]?.split('.')[0])).toBeGreaterThanOrEqual(20);
  });
});
