// What `vigie check` says of an ftp source, and what the source claims to feed.

import { Ajv } from 'ajv';
import { ftp } from '../../../src/sources/ftp/index.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { block, directory, flows, partners, sourceConfig } from './fixtures.js';

function problems(changes: Partial<FtpOptions>): string[] {
  return ftp
    .check(sourceConfig({ ...block, ...changes }), { flows, partners })
    .map(({ path, message, severity = 'error' }) => `${severity} ${path.join('.')}: ${message}`);
}

describe('the schema of ftp', () => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(ftp.schema);

  test('accepts a block with all that is needed', () => {
    expect(valid(block)).toBe(true);
    expect(valid({ ...block, tls: 'implicit', list: 'mlsd', connections: 1, data_address: 'announced' })).toBe(true);
    expect(valid({ ...block, tls: { mode: 'implicit', ca: 'ca.pem', server_name: 'ftp.example.org' } })).toBe(true);
  });

  test.each([
    { user: undefined },
    { password: undefined },
    { hots: 'x' },
    { tls: 'ssl' },
    { tls: {} },
    { tls: { cert: 'x' } },
    { connections: 0 },
  ])('refuses %j', (changes) => {
    const { user: _user, password: _password, ...rest } = block;
    const wanted = 'user' in changes || 'password' in changes ? rest : { ...block, ...changes };

    expect(valid(wanted)).toBe(false);
  });
});

describe('the check of ftp', () => {
  test('has nothing to say about a good block', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ tls: 'implicit' })).toEqual([]);
    expect(problems({ tls: 'implicit', port: 990 })).toEqual([]);
    expect(problems({ server_timezone: 'Europe/Zurich', data_address: '192.0.2.17' })).toEqual([]);
  });

  test('warns of passwords in clear text', () => {
    expect(problems({ tls: 'none' })).toEqual([
      'warning tls: the password and the files go over the network in clear text; take explicit (the default) where the server offers TLS',
    ]);
    expect(problems({ tls: { mode: 'none', ca: 'ca.pem' } })).toEqual([
      'error tls.ca: has no effect without TLS: leave it out, or take mode: explicit',
    ]);
  });

  test('warns of certificates of anybody, and of the port of the other way of TLS', () => {
    expect(problems({ tls: { insecure: true } })).toEqual([expect.stringMatching(/^warning tls\.insecure: any certificate is accepted/)]);
    expect(problems({ port: 990 })).toEqual(['warning port: servers speak TLS from the first byte on port 990: add tls: implicit']);
  });

  test('wants our certificate and its key, or neither', () => {
    expect(problems({ tls: { certificate: 'ours.pem' } })).toEqual(['error tls: `certificate` without `key`: our certificate is both']);
  });

  test('knows addresses and time zones', () => {
    expect(problems({ data_address: 'nat' })).toEqual([
      'error data_address: "nat" is no address: it must be control, announced, or an address such as 192.0.2.17',
    ]);
    expect(problems({ server_timezone: 'Europe/Zurick' })).toEqual([
      expect.stringMatching(/^error server_timezone: no time zone "Europe\/Zurick"/),
    ]);
    expect(problems({ server_timezone: 'Europe/Zurich', list: 'mlsd' })).toEqual([
      'error server_timezone: MLSD gives times in UTC: leave the time zone out, or list otherwise',
    ]);
  });

  test('checks directories as the other kinds do', () => {
    expect(problems({ directories: [directory('/in', { stage: 'recieved' }), directory('/b', { name: 'certificate' })] })).toEqual([
      'error directories.1.name: "certificate" is what the look at the server\'s certificate is called; choose another name',
      'error directories.0.stage: no stage "recieved" in factures-tge (is it "received"?)',
    ]);
  });
});

test('the claims of ftp are those of its directories', () => {
  expect(ftp.claims(sourceConfig(block), { flows, partners })).toEqual([
    { signal: 'backlog', flow: 'factures-tge', stage: 'received', partner: 'chuv', at: ['directories', 0] },
    { signal: 'backlog_oldest', flow: 'factures-tge', stage: 'received', partner: 'chuv', at: ['directories', 0] },
  ]);
});
