// What `vigie check` says of an sftp source, and what the source claims to feed.

import { Ajv } from 'ajv';
import { sftp } from '../../../src/sources/sftp/index.js';
import type { SftpOptions } from '../../../src/sources/sftp/schema.js';
import { block, flows, inbox, partners, sourceConfig } from './fixtures.js';

const FINGERPRINT = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg';

function problems(options: SftpOptions): string[] {
  return sftp.check(sourceConfig(options), { flows, partners }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the schema of sftp', () => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(sftp.schema);

  test('accepts a block with all that is needed', () => {
    expect(valid(block)).toBe(true);
  });

  test('demands that the server can be told from another', () => {
    const { host_key: _without, ...rest } = block;

    expect(valid(rest)).toBe(false);
  });

  test('refuses what it does not know', () => {
    expect(valid({ ...block, hots: 'x' })).toBe(false);
    expect(valid({ ...block, directories: [{ ...inbox, pattern: 'x' }] })).toBe(false);
  });
});

describe('the check of sftp', () => {
  test('has nothing to say about a good block', () => {
    const found = problems({ ...block, host_key: [FINGERPRINT] });

    expect(found).toEqual([]);
  });

  test('finds flows, stages and partners that are not declared', () => {
    const found = problems({
      ...block,
      directories: [
        { ...inbox, flow: 'factures' },
        { ...inbox, path: '/b', stage: 'recieved' },
        { ...inbox, path: '/c', files: '.*', partner: 'chuw' },
      ],
    });

    expect(found).toEqual([
      'directories.0.flow: no flow "factures" in this environment (is it "factures-tge"?)',
      'directories.1.stage: no stage "recieved" in factures-tge (is it "received"?)',
      'directories.2.partner: no partner "chuw" (is it "chuv"?)',
    ]);
  });

  test('wants a way to log in', () => {
    const { key: _without, ...rest } = block;

    expect(problems(rest)).toEqual([': neither `key` nor `password`: say how to log in, e.g. key: { file: /run/secrets/sftp_key }']);
    expect(problems({ ...rest, password: { env: 'P' }, passphrase: { env: 'Q' } })).toEqual([
      'passphrase: a passphrase opens a `key`, and there is none; did you mean `password`?',
    ]);
  });

  test('tells what a fingerprint looks like', () => {
    const found = problems({ ...block, host_key: [FINGERPRINT, 'MD5:aa:bb'] });

    expect(found).toEqual([
      'host_key.1: "MD5:aa:bb" is no SHA-256 fingerprint: it must be SHA256: and 43 characters, as `ssh-keyscan host | ssh-keygen -lf -` prints it',
    ]);
  });

  test('compiles the regular expressions', () => {
    const found = problems({ ...block, directories: [{ ...inbox, files: '(?<partner>[a-z]+' }] });

    expect(found).toEqual([expect.stringContaining('directories.0.files: no valid regular expression: ')]);
  });

  test('refuses an expression that is only valid once it is wrapped', () => {
    const found = problems({ ...block, directories: [{ ...inbox, files: 'a)|(?:b' }] });

    expect(found).toContainEqual(expect.stringContaining('directories.0.files: no valid regular expression'));
  });

  test('wants to know the partner where the flow has several, and only once', () => {
    const found = problems({
      ...block,
      directories: [
        { ...inbox, files: '.*' },
        { ...inbox, path: '/b', partner: 'hug' },
        { path: '/c', flow: 'cotisations', stage: 'received' },
      ],
    });

    expect(found).toEqual([
      'directories.0: factures-tge has several partners (chuv, hug): name one with `partner`, or take it from the names with (?<partner>[a-z]+) in `files`',
      'directories.1.partner: the group (?<partner>…) of `files` names the partner already; keep one of the two',
    ]);
  });

  test('wants different names for directories, and at most a listing each second', () => {
    const found = problems({ ...block, directories: [inbox, { ...inbox, every: '200ms' }] });

    expect(found).toEqual([
      'directories.1.path: directory 1 is called "/in/tge" too; give each a `name` of its own',
      'directories.1.every: 200ms is too often: 1s or more',
    ]);
  });
});

describe('the claims of sftp', () => {
  test('are the backlog and its oldest of each stage, for one partner where the directory is of one', () => {
    const directories = [inbox, { ...inbox, path: '/hug', stage: 'validated', files: '.*', partner: 'hug' }];

    const claims = sftp.claims(sourceConfig({ ...block, directories }), { flows, partners });

    expect(claims).toEqual([
      { signal: 'backlog', flow: 'factures-tge', stage: 'received', at: ['directories', 0] },
      { signal: 'backlog_oldest', flow: 'factures-tge', stage: 'received', at: ['directories', 0] },
      { signal: 'backlog', flow: 'factures-tge', stage: 'validated', partner: 'hug', at: ['directories', 1] },
      { signal: 'backlog_oldest', flow: 'factures-tge', stage: 'validated', partner: 'hug', at: ['directories', 1] },
    ]);
  });
});
