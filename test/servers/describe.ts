// Suites that need real servers: run where they are installed, failing in CI and skipped aloud elsewhere where not.

import { locate, type Server } from './locate.js';

/** Like `describe`. In CI (CI=true) a missing server fails the suite; elsewhere the suite is skipped and named on standard error. */
export function describeWith(servers: readonly Server[], title: string, suite: () => void): void {
  const missing = servers.filter((server) => locate(server) === undefined);
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const reason = `needs ${missing.join(', ')}: test/servers/install.sh installs it`;
  if (process.env['CI'] === 'true') {
    describe(title, () => {
      test('its servers are installed', () => {
        throw new Error(reason);
      });
    });
    return;
  }
  process.stderr.write(`SKIPPED "${title}" ${reason}\n`);
  describe.skip(`${title} (${reason})`, suite);
}

/** The path of a server inside a suite of `describeWith`, where it is known to be there. */
export function program(server: Server): string {
  const path = locate(server);
  if (path === undefined) throw new Error(`${server} is not installed`);
  return path;
}
