// An exporter loads the library of its own engine only: that of SQL Server alone costs tens of megabytes.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DriverName } from '../../../src/sources/sql/schema.js';

const run = promisify(execFile);
const DRIVERS = new URL('../../../src/sources/sql/drivers/registry.js', import.meta.url);
const KINDS = new URL('../../../src/sources/all-kinds.js', import.meta.url);

/** The packages that a process holds after it tried to connect with the driver. */
async function loadedBy(driver: DriverName | undefined): Promise<string[]> {
  const connect = `
    const { drivers } = await import(${JSON.stringify(DRIVERS.href)});
    const connection = { server: '127.0.0.1', port: 1, database: 'x', user: 'x', password: 'x', file: '/nowhere' };
    const context = { application: 'x', readSecret: async () => 'x', resolvePath: (path) => path };
    await drivers.${driver}.connect(connection, context, new AbortController().signal).catch(() => {});`;
  const script = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(KINDS.href)});
    ${driver === undefined ? '' : connect}
    const files = Object.keys(createRequire(${JSON.stringify(DRIVERS.href)}).cache);
    const packages = files.map((file) => /.*node_modules\\/(?<name>[^/]+)/.exec(file.replaceAll('\\\\', '/'))?.groups.name);
    console.log(JSON.stringify([...new Set(packages)]));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  const names: unknown = JSON.parse(stdout);
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

describe('the library of SQL Server is loaded', () => {
  test('when the driver connects', async () => {
    expect(await loadedBy('mssql')).toEqual(expect.arrayContaining(['mssql', 'tedious']));
  });

  test.each(['postgres', 'sqlite', undefined] as const)('not by driver %s', async (driver) => {
    const packages = await loadedBy(driver);

    expect(packages).not.toContain('mssql');
    expect(packages).not.toContain('tedious');
    if (driver === 'postgres') expect(packages).toContain('pg');
  });
});
