// One question to one server, by c-ares: it takes no thread, and every question has a resolver of its own that can be cancelled.

import { Resolver } from 'node:dns';
import { caaText, canonicalRecord, type Answer } from './records.js';
import type { RecordType } from './schema.js';

/** A packet may be lost: the question is asked once more before the time is over, as resolvers do. The second wait is twice the first. */
const TRIES = 2;
const SHARE_OF_FIRST = 1 / 3;

type Asker = (resolver: Resolver, name: string, done: (error: Error | null, answer: Answer) => void) => void;

const NONE: Answer = { records: [] };

/** c-ares gives nothing beside an error. */
function told<T>(done: (error: Error | null, answer: Answer) => void, read: (found: T) => Answer): (error: Error | null, found: T) => void {
  return (error, found) => done(error, error ? NONE : read(found));
}

function texts(type: RecordType): (found: readonly string[]) => Answer {
  return (found) => ({ records: found.map((text) => canonicalRecord(type, text)) });
}

function addresses(type: RecordType): (found: readonly { readonly address: string; readonly ttl: number }[]) => Answer {
  return (found) => ({
    records: found.map(({ address }) => canonicalRecord(type, address)),
    ...(found.length > 0 && { ttl: Math.min(...found.map(({ ttl }) => ttl)) }),
  });
}

const ASKERS: Readonly<Record<RecordType, Asker>> = {
  A: (resolver, name, done) => resolver.resolve4(name, { ttl: true }, told(done, addresses('A'))),
  AAAA: (resolver, name, done) => resolver.resolve6(name, { ttl: true }, told(done, addresses('AAAA'))),
  CAA: (resolver, name, done) => {
    resolver.resolveCaa(
      name,
      told(done, (found) => ({ records: found.map(caaText) })),
    );
  },
  CNAME: (resolver, name, done) => resolver.resolveCname(name, told(done, texts('CNAME'))),
  MX: (resolver, name, done) => {
    const read = texts('MX');
    resolver.resolveMx(
      name,
      told(done, (found) => read(found.map(({ priority, exchange }) => `${priority} ${exchange}`))),
    );
  },
  NS: (resolver, name, done) => resolver.resolveNs(name, told(done, texts('NS'))),
  PTR: (resolver, name, done) => resolver.resolvePtr(name, told(done, texts('PTR'))),
  SOA: (resolver, name, done) => {
    const read = texts('SOA');
    resolver.resolveSoa(
      name,
      told(done, (soa) => {
        const numbers = [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minttl].join(' ');
        return { ...read([`${soa.nsname} ${soa.hostmaster} ${numbers}`]), serial: soa.serial };
      }),
    );
  },
  SRV: (resolver, name, done) => {
    const read = texts('SRV');
    resolver.resolveSrv(
      name,
      told(done, (found) => read(found.map((srv) => `${srv.priority} ${srv.weight} ${srv.port} ${srv.name}`))),
    );
  },
  TXT: (resolver, name, done) => {
    resolver.resolveTxt(
      name,
      told(done, (found) => ({ records: found.map((parts) => parts.join('')) })),
    );
  },
};

/**
 * A resolver for one question.
 * @param server `address:port`; undefined for the servers of the system
 * @param timeout milliseconds for all tries
 */
export function resolverOf(server: string | undefined, timeout: number): Resolver {
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(timeout * SHARE_OF_FIRST)), tries: TRIES });
  if (server !== undefined) resolver.setServers([server]);
  return resolver;
}

/** @param fail gets the error of c-ares, whose `code` tells what the server answered */
export function ask(
  resolver: Resolver,
  { name, type }: { readonly name: string; readonly type: RecordType },
  done: (answer: Answer) => void,
  fail: (error: Error) => void,
): void {
  ASKERS[type](resolver, name, (error, answer) => (error ? fail(error) : done(answer)));
}
