// The kinds of sources, each imported when it is asked for: what a process has no use for would cost it time and memory.
// Adding one: a folder beside this file, and a line here.

import type { SourceKind } from './kind.js';

const registry: Readonly<Record<string, () => Promise<SourceKind>>> = {
  dns: async () => (await import('./dns/index.js')).dns,
  files: async () => (await import('./files/index.js')).files,
  ftp: async () => (await import('./ftp/index.js')).ftp,
  http: async () => (await import('./http/index.js')).http,
  icmp: async () => (await import('./icmp/index.js')).icmp,
  log: async () => (await import('./log/index.js')).log,
  sftp: async () => (await import('./sftp/index.js')).sftp,
  smtp: async () => (await import('./smtp/index.js')).smtp,
  sql: async () => (await import('./sql/index.js')).sql,
  ssh: async () => (await import('./ssh/index.js')).ssh,
  tcp: async () => (await import('./tcp/index.js')).tcp,
  tls: async () => (await import('./tls/index.js')).tls,
};

export const kindNames: readonly string[] = Object.keys(registry);

/** @param name of a kind that the registry has: the configuration has been checked. @throws Error where it has not */
export async function loadKind(name: string): Promise<SourceKind> {
  const load = kindNames.includes(name) ? registry[name] : undefined;
  if (!load) throw new Error(`no kind of source is called "${name}"`);
  return load();
}
