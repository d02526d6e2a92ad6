// What a server announces of its host keys is compared with what is expected of it.

import { announcementWarnings, compareAnnounced } from '../../../src/sources/ssh-trust/announced.js';
import { fingerprintOf } from '../../../src/sources/ssh-trust/fingerprint.js';
import type { HostKeys } from '../../../src/sources/ssh-trust/host-key.js';

/** A public key as it goes over the wire, as far as it matters here. */
function key(type: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(content)]);
}

const ed25519 = key('ssh-ed25519', 'one');
const nextEd25519 = key('ssh-ed25519', 'two');
const ecdsa = key('ecdsa-sha2-nistp256', 'three');
const rsa = key('ssh-rsa', 'four');

function expected(keys: readonly Buffer[], types: readonly string[] = []): HostKeys {
  return { accepted: keys.map(fingerprintOf), revoked: [], types, origin: 'host_key' };
}

describe('announced host keys', () => {
  test('are known, or of types that nobody asks for', () => {
    const found = compareAnnounced([ed25519, ecdsa, rsa], expected([ed25519]));

    expect(found).toEqual({
      known: [`ssh-ed25519 ${fingerprintOf(ed25519)}`],
      fresh: [],
      other: [`ecdsa-sha2-nistp256 ${fingerprintOf(ecdsa)}`, `ssh-rsa ${fingerprintOf(rsa)}`],
      withdrawn: [],
    });
    expect(announcementWarnings(found, 'sftp.example.org:22', 'host_key')).toEqual([]);
  });

  test('are new where they would be shown in place of the known one', () => {
    const rotated = compareAnnounced([ed25519, nextEd25519], expected([ed25519]));
    const better = compareAnnounced([rsa, ed25519], expected([rsa]));

    expect(rotated.fresh).toEqual([`ssh-ed25519 ${fingerprintOf(nextEd25519)}`]);
    expect(better.fresh).toEqual([`ssh-ed25519 ${fingerprintOf(ed25519)}`]);
  });

  test('are no matter where known_hosts says which type is asked for first', () => {
    const found = compareAnnounced([rsa, ed25519], expected([rsa], ['ssh-rsa']));

    expect(found).toMatchObject({ fresh: [], other: [`ssh-ed25519 ${fingerprintOf(ed25519)}`] });
  });

  test('are missed where they are expected', () => {
    const found = compareAnnounced([nextEd25519], expected([ed25519, nextEd25519]));

    expect(found.withdrawn).toEqual([fingerprintOf(ed25519)]);
  });

  test('are told with what to do about them', () => {
    const found = compareAnnounced([ed25519, nextEd25519], expected([ed25519, ecdsa]));

    expect(announcementWarnings(found, 'sftp.example.org:22', 'host_key')).toEqual([
      `sftp.example.org:22 announces another host key, ssh-ed25519 ${fingerprintOf(nextEd25519)}, which host_key does not have: ask the partner over another channel, then add it before the old one is taken away`,
      `sftp.example.org:22 does not announce the host key ${fingerprintOf(ecdsa)} any more: take it out of host_key once no server of this name shows it`,
    ]);
  });
});
