// Finds the real servers and tools that tests and benches run against. test/servers/install.sh puts them there.

import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A real server or tool, and the names its program goes by. */
const programs = {
  promtool: ['promtool'],
  prometheus: ['prometheus'],
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  amtool: ['amtool'],
  sqlExporter: ['prometheus-sql-exporter', 'sql_exporter'],
  blackboxExporter: ['prometheus-blackbox-exporter', 'blackbox_exporter'],
  mtail: ['mtail'],
  postgres: ['postgres'],
  mariadbd: ['mariadbd'],
  openssl: ['openssl'],
  sshd: ['sshd'],
  vsftpd: ['vsftpd'],
  ping: ['ping'],
  chromium: ['chromium', 'chromium-browser'],
} as const;

/** `odbc` is no program but the package of this name, built for this machine, beside an ODBC driver for it to use. */
export type Server = keyof typeof programs | 'odbc';

/** Where install.sh unpacks what the distribution has too old: it comes before everything else. */
const SERVERS = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vigie', 'servers');
const CACHE = join(SERVERS, 'unpacked', 'usr', 'bin');
const ODBC_PACKAGE = join(SERVERS, 'odbc', 'node_modules', 'odbc', 'lib', 'odbc.js');
const LIBRARIES = '/usr/lib';
const POSTGRES = '/usr/lib/postgresql';

/** @returns the path of the program, or undefined where it is not installed. */
export function locate(server: Server): string | undefined {
  if (server === 'odbc') return existsSync(ODBC_PACKAGE) && postgresOdbcDriver() !== undefined ? ODBC_PACKAGE : undefined;
  for (const folder of folders()) {
    for (const name of programs[server]) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** The ODBC driver of PostgreSQL, as odbc.ini names it. */
export function postgresOdbcDriver(): string | undefined {
  const paths = readdirSync(LIBRARIES).map((folder) => join(LIBRARIES, folder, 'odbc', 'psqlodbcw.so'));
  return paths.find((path) => existsSync(path));
}

function folders(): string[] {
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return [CACHE, ...onPath, '/usr/sbin', '/usr/bin', '/usr/local/bin', ...postgresFolders()];
}

/** Debian keeps each PostgreSQL version in a folder of its own; the newest comes first. */
function postgresFolders(): string[] {
  try {
    const versions = readdirSync(POSTGRES).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(POSTGRES, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
