// The ftp source: everything of the frame of file exchanges, over a few connections that are shared.

import { createHash } from 'node:crypto';
import { createExchange } from '../exchanges/source.js';
import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { AccountGuard } from '../login-guard.js';
import { CertificateSight, certificateCollector } from './certificate.js';
import { reach, type Surroundings } from './connect.js';
import { Opener } from './opener.js';
import { Pool } from './pool.js';
import { addressOf, DEFAULT_CONNECTIONS, portOf, tlsOf, type FtpOptions } from './schema.js';
import { utcMinute, type LocalMinute } from './times.js';

type Config = SourceConfig<FtpOptions>;

export async function createFtp(config: Config, context: SourceContext): Promise<Source> {
  const { options } = config;
  const { clock } = context;
  const sight = new CertificateSight(clock);
  const guard = new AccountGuard(context.record(`login-${accountOf(options)}`), clock);
  const around: Surroundings = { clock, guard, onCertificate: (times) => sight.see(times) };
  const unreadable = new Map<string, number>();
  const reading = { encoding: options.encoding ?? 'utf8', toUtc: await localMinute(options.server_timezone) };
  const opener = new Opener(options, context, around, {
    ...reading,
    onListed: (directory, lines) => void (lines === 0 ? unreadable.delete(directory) : unreadable.set(directory, lines)),
  });
  const pool = new Pool((signal) => opener.open(signal), options.connections ?? DEFAULT_CONNECTIONS);
  const exchange = await createExchange(config, context, {
    use: (signal, work) => pool.use(signal, work),
    close: () => pool.close(),
    address: addressOf(options, portOf(options)),
    loggedIn: guard,
  });
  const look = async (signal: AbortSignal) => (await reach(await opener.target(), around, signal)).client.close();
  const certificates = tlsOf(options).mode === 'none' ? [] : [certificateCollector(config, clock, sight, look)];
  return {
    ...exchange,
    collectors: [...exchange.collectors, ...certificates],
    warnings: () => [...(exchange.warnings?.() ?? []), ...[...unreadable].map(unreadableWarning)],
  };
}

function unreadableWarning([directory, lines]: readonly [string, number]): string {
  return `${lines} lines of the listing of ${directory} are in no known form and were not counted; \`list: mlsd\` may help`;
}

/** Temporal is loaded where a zone is named, and nowhere else. */
async function localMinute(timezone: string | undefined): Promise<LocalMinute> {
  if (timezone === undefined || timezone === 'UTC') return utcMinute;
  const { createZoneReader } = await import('../zone.js');
  return createZoneReader(timezone, 'first');
}

function accountOf(options: FtpOptions): string {
  const account = `${options.user}@${addressOf(options, portOf(options))}`;
  return createHash('sha256').update(account).digest('hex').slice(0, 16);
}
