// What `vigie check` says of an sftp source beyond its schema. No I/O.

import { checkExchange } from '../exchanges/index.js';
import type { CheckContext, Problem, SourceConfig } from '../kind.js';
import { hostKeyProblems } from '../ssh-trust/check.js';
import type { SftpOptions } from './schema.js';

export function checkSftp(source: SourceConfig<SftpOptions>, context: CheckContext): Problem[] {
  const { options } = source;
  return [...credentialProblems(options), ...hostKeyProblems(options.host_key), ...checkExchange(source, context)];
}

function credentialProblems({ key, next_key: nextKey, password, passphrase }: SftpOptions): Problem[] {
  if (key === undefined && nextKey !== undefined) {
    return [{ path: ['next_key'], message: 'there is a `next_key` and no `key`: call it `key`' }];
  }
  if (key === undefined && password === undefined) {
    return [{ path: [], message: 'neither `key` nor `password`: say how to log in, e.g. key: { file: /run/secrets/sftp_key }' }];
  }
  if (passphrase !== undefined && key === undefined) {
    return [{ path: ['passphrase'], message: 'a passphrase opens a `key`, and there is none; did you mean `password`?' }];
  }
  return [];
}
