// What `vigie check` says of an ftp source beyond its schema. No I/O.

import { isIP } from 'node:net';
import { tlsProblems } from '../endpoints/tls.js';
import { checkExchange } from '../exchanges/index.js';
import type { CheckContext, ConfigPath, Problem, SourceConfig } from '../kind.js';
import { timezoneProblem } from '../names-in-data.js';
import { CERTIFICATE_COLLECTOR, IMPLICIT_PORT, tlsOf, type FtpOptions } from './schema.js';

export function checkFtp(source: SourceConfig<FtpOptions>, context: CheckContext): Problem[] {
  const { options } = source;
  return [
    ...tlsModeProblems(options),
    ...dataAddressProblems(options),
    ...timezoneProblems(options),
    ...nameProblems(options),
    ...checkExchange(source, context),
  ];
}

function tlsModeProblems(options: FtpOptions): Problem[] {
  const { mode, trust } = tlsOf(options);
  if (mode === 'none') {
    if (trust !== undefined && Object.keys(trust).length > 0) {
      const [first = ''] = Object.keys(trust);
      return [{ path: ['tls', first], message: 'has no effect without TLS: leave it out, or take mode: explicit' }];
    }
    const message = 'the password and the files go over the network in clear text; take explicit (the default) where the server offers TLS';
    return [{ path: ['tls'], severity: 'warning', message }];
  }
  if (mode === 'explicit' && options.port === IMPLICIT_PORT) {
    const message = 'servers speak TLS from the first byte on port 990: add tls: implicit';
    return [...tlsProblems(trust), { path: ['port'], severity: 'warning', message }];
  }
  return tlsProblems(trust);
}

function dataAddressProblems({ data_address: address }: FtpOptions): Problem[] {
  if (address === undefined || address === 'control' || address === 'announced' || isIP(address) !== 0) return [];
  const message = `"${address}" is no address: it must be control, announced, or an address such as 192.0.2.17`;
  return [{ path: ['data_address'], message }];
}

function timezoneProblems({ server_timezone: timezone, list }: FtpOptions): Problem[] {
  if (timezone === undefined) return [];
  const invalid = timezoneProblem(timezone);
  if (invalid !== undefined) return [{ path: ['server_timezone'], message: invalid }];
  if (list !== 'mlsd') return [];
  return [{ path: ['server_timezone'], message: 'MLSD gives times in UTC: leave the time zone out, or list otherwise' }];
}

function nameProblems({ directories = [], acknowledgements = {}, deliveries = {} }: FtpOptions): Problem[] {
  const message = `"${CERTIFICATE_COLLECTOR}" is what the look at the server's certificate is called; choose another name`;
  const paths: ConfigPath[] = [
    ...directories.flatMap(({ name }, index) => (name === CERTIFICATE_COLLECTOR ? [['directories', index, 'name']] : [])),
    ...(CERTIFICATE_COLLECTOR in acknowledgements ? [['acknowledgements', CERTIFICATE_COLLECTOR]] : []),
    ...(CERTIFICATE_COLLECTOR in deliveries ? [['deliveries', CERTIFICATE_COLLECTOR]] : []),
  ];
  return paths.map((path) => ({ path, message }));
}
