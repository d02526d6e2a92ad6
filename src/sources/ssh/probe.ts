// Visits an SSH server once: greets, agrees on algorithms, checks its host key, logs in where that is wanted, and leaves.

import type { NegotiatedAlgorithms, ParsedKey } from 'ssh2';
import { sshServers as metrics } from '../../conventions.js';
import type { Address } from '../endpoints/address.js';
import { dial } from '../endpoints/dial.js';
import { matches, type Pattern } from '../endpoints/pattern.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import { fingerprintOf } from '../ssh-trust/fingerprint.js';
import type { HostKeys } from '../ssh-trust/host-key.js';
import { Credentials, type Account } from './credentials.js';
import type { Offer } from './overture.js';
import { Session } from './session.js';

/** RFC 4253, section 4.2: `SSH-protoversion-softwareversion comments`. Versions are made into labels no longer than this. */
const GREETING = /^SSH-(?:2\.0|1\.99)-(?<software>[!-~]{1,100})/;

/** Everything that a visit needs, read just before it. */
export interface Target {
  readonly address: Address & { readonly ip: 4 | 6 | undefined };
  readonly hostKeys: HostKeys;
  readonly banner: Pattern | undefined;
  readonly refusedAlgorithms: readonly string[];
  readonly account: Account | undefined;
}

/** @returns announced host keys that are not expected, in words; undefined where it cannot be told */
export async function visit(target: Target, run: ProbeRun): Promise<readonly string[] | undefined> {
  const { address, hostKeys, banner, refusedAlgorithms, account } = target;
  const socket = await dial(address, run);
  try {
    run.watch.enter('greeting');
    const credentials = account && new Credentials(account);
    const session = new Session(socket, hostKeys, credentials);
    const greeting = await session.greeting(run.signal);
    const software = softwareOf(greeting, banner, run);
    run.watch.enter('handshake');
    tellAlgorithms(await session.handshake(run.signal), software, run);
    refuseAlgorithms(session.offer, refusedAlgorithms);
    const unknown = account && credentials && (await logIn(session, account, credentials, hostKeys, run));
    run.watch.stop();
    session.end();
    return unknown;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function softwareOf(greeting: string, banner: Pattern | undefined, run: ProbeRun): string {
  run.say(`greets as ${greeting}`);
  const software = GREETING.exec(greeting)?.groups?.['software'];
  if (software === undefined) throw new ProbeError('protocol', 'the server speaks no version of SSH that is in use');
  if (banner && !matches(banner, greeting)) throw new ProbeError('greeting', `the greeting does not match ${banner.source}`);
  return software;
}

function tellAlgorithms({ kex, serverHostKey, cs }: NegotiatedAlgorithms, software: string, run: ProbeRun): void {
  run.observe(metrics.info, 1, { software, kex, host_key: serverHostKey, cipher: cs.cipher });
  run.say(`agreed on ${kex}, host key ${serverHostKey}, cipher ${cs.cipher}${cs.mac === '' ? '' : `, MAC ${cs.mac}`}`);
}

/** Not asked before the host key is known to be the right one: who stands in between could offer anything. */
function refuseAlgorithms(offer: Offer | undefined, refused: readonly string[]): void {
  if (refused.length === 0) return;
  if (!offer) throw new ProbeError('protocol', 'the offer of the server cannot be read');
  const offered = new Set([...offer.kex, ...offer.hostKey, ...offer.cipher, ...offer.mac]);
  const found = refused.filter((name) => offered.has(name));
  if (found.length > 0) throw new ProbeError('algorithms', `the server offers ${found.join(', ')}`);
}

async function logIn(
  session: Session,
  account: Account,
  credentials: Credentials,
  hostKeys: HostKeys,
  run: ProbeRun,
): Promise<readonly string[] | undefined> {
  run.watch.enter('login');
  await run.guard.attempt(account.credential, run.signal, async (verdict) => {
    try {
      await session.login(run.signal);
      verdict(true);
    } catch (error) {
      if (error instanceof ProbeError && error.reason === 'auth' && credentials.sent) verdict(false);
      throw error;
    }
  });
  run.say('logged in');
  return tellAnnounced(await session.announced(run.signal), hostKeys, run);
}

function tellAnnounced(keys: readonly ParsedKey[] | undefined, { accepted }: HostKeys, run: ProbeRun): readonly string[] | undefined {
  if (keys === undefined) return undefined;
  const counts = new Map<string, Readonly<Record<'type' | 'known', string>> & { readonly count: number }>();
  const unknown: string[] = [];
  for (const key of keys) {
    const fingerprint = fingerprintOf(key.getPublicSSH());
    const known = String(accepted.includes(fingerprint));
    const { type } = key;
    counts.set(`${type} ${known}`, { type, known, count: (counts.get(`${type} ${known}`)?.count ?? 0) + 1 });
    if (known === 'false') unknown.push(`${type} ${fingerprint}`);
  }
  for (const { type, known, count } of counts.values()) run.observe(metrics.announced, count, { type, known });
  for (const key of unknown) run.say(`announces a host key that is not expected: ${key}`);
  return unknown;
}
