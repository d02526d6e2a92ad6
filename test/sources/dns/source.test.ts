// Names asked of a server that speaks real DNS packets: what is found, and why it is down where it is.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dns } from '../../../src/sources/dns/index.js';
import type { EndpointOptions, Rcode, RecordType } from '../../../src/sources/dns/schema.js';
import { freePort } from '../../port.js';
import { until } from '../../wait.js';
import { Probing, type Probed } from '../probing.js';
import { record, startDnsDouble, type Answering, type DnsDouble, type RecordData, type Reply } from './dns-double.js';

const NAME = 'api.partner.example.org';

let server: DnsDouble;
beforeAll(async () => {
  server = await startDnsDouble(() => undefined);
});
beforeEach(() => {
  server.answer = () => undefined;
});
afterAll(() => server.close());

type Changes = Partial<EndpointOptions>;

function ask(changes: Changes = {}, timeout = 4000): Promise<Probed> {
  return Probing.once(dns, { kind: 'dns', endpoints: { it: { name: NAME, server: server.address, ...changes } } }, { timeout });
}

function serve(...records: readonly RecordData[]): void {
  server.answer = () => ({ records });
}

describe('dns: IR6: a name asked of a server', () => {
  test('is up where there is an address, with the number of records and the shortest time to live', async () => {
    serve(record.a('192.0.2.10', 300), record.a('192.0.2.11', 60));

    const probed = await ask();

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['wait'] });
    expect(probed.value('endpoint_dns_records')).toBe(2);
    expect(probed.value('endpoint_dns_ttl_seconds')).toBe(60);
    expect(probed.labels).toMatchObject({ endpoint: 'it', protocol: 'dns', origin: 'internal' });
    expect(probed.told).toContain('192.0.2.10, 192.0.2.11');
  });

  const SOA = 'ns1.example.org hostmaster.example.org 2026030201 7200 3600 1209600 300';
  test.each<[RecordType, RecordData, string]>([
    ['A', record.a('192.0.2.10'), '192.0.2.10'],
    ['AAAA', record.aaaa(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10), '2001:DB8:0::10'],
    ['CAA', record.caa('issue', 'letsencrypt.org'), '0 issue "letsencrypt.org"'],
    ['CNAME', record.named('CNAME', 'edge.example.org'), 'Edge.Example.org.'],
    ['MX', record.mx(10, 'mail.example.org'), '10 mail.example.org.'],
    ['NS', record.named('NS', 'ns1.example.org'), 'ns1.example.org'],
    ['PTR', record.named('PTR', 'host.example.org'), 'host.example.org'],
    ['SOA', record.soa('ns1.example.org', 'hostmaster.example.org', 2_026_030_201), SOA],
    ['SRV', record.srv(10, 5, 5061, 'sip.example.org'), '10 5 5061 sip.example.org'],
    ['TXT', record.txt('v=spf1 ', '-all'), 'v=spf1 -all'],
  ])('of type %s is compared with the record as people write it', async (type, served, written) => {
    serve(served);

    const right = await ask({ type, expect: { answers: [written] } });
    const wrong = await ask({ type, expect: { answers: [written.replace(/[0-9a-z](?=\W*$)/, 'z')] } });

    expect(right).toMatchObject({ up: 1, failure: undefined });
    expect(wrong).toMatchObject({ up: 0, failure: 'wait/answer' });
  });

  test('tells the serial of the zone', async () => {
    serve(record.soa('ns1.example.org', 'hostmaster.example.org', 2_026_030_201));

    const probed = await ask({ type: 'SOA' });

    expect(probed.value('endpoint_dns_serial')).toBe(2_026_030_201);
  });

  test('asks for the name of an address', async () => {
    serve(record.named('PTR', 'host.example.org'));
    const before = server.queries.length;

    await ask({ name: '192.0.2.10', type: 'PTR' });
    await ask({ name: '2001:db8::10', type: 'PTR' });

    const [four, six] = server.queries.slice(before);
    expect(four?.name).toBe('10.2.0.192.in-addr.arpa');
    expect(six?.name).toBe(`0.1.0.0.${'0.'.repeat(20)}8.b.d.0.1.0.0.2.ip6.arpa`);
  });

  test('may have several records, of which all, some or one must be as expected', async () => {
    serve(record.txt('verification=secret'), record.txt('v=spf1 -all'));

    const matched = await ask({ type: 'TXT', expect: { matches: '^v=spf1 ' } });
    const unmatched = await ask({ type: 'TXT', expect: { matches: '^v=DMARC1' } });
    const few = await ask({ type: 'TXT', expect: { at_least: 3 } });
    const other = await ask({ type: 'TXT', expect: { answers: ['v=spf1 -all'] } });

    expect(matched.failure).toBeUndefined();
    expect(unmatched.failure).toBe('wait/answer');
    expect(few).toMatchObject({ failure: 'wait/answer', transcript: { failure: expect.stringContaining('2 records') } });
    expect(other.failure).toBe('wait/answer');
    for (const { told } of [matched, unmatched, few, other]) expect(told).not.toContain('secret');
  });

  test('names what is missing and what is not expected', async () => {
    serve(record.a('198.51.100.7'));

    const probed = await ask({ expect: { answers: ['192.0.2.10'] } });

    expect(probed.transcript.failure).toBe('answer in wait: missing: 192.0.2.10; not expected: 198.51.100.7');
  });

  test('follows an alias within the answer', async () => {
    serve(record.named('CNAME', 'edge.example.org'), { ...record.a('192.0.2.10'), owner: 'edge.example.org' });

    expect(await ask({ expect: { answers: ['192.0.2.10'] } })).toMatchObject({ up: 1 });
  });

  test('is asked over TCP where the answer is too long for a packet', async () => {
    const records = Array.from({ length: 200 }, (_, index) => record.a(`192.0.2.${index}`));
    server.answer = ({ over }) => (over === 'udp' ? { truncated: true } : { records });

    const probed = await ask({ expect: { at_least: 200 } });

    expect(probed).toMatchObject({ up: 1 });
    expect(probed.value('endpoint_dns_records')).toBe(200);
  });

  test('is asked once more where a packet is lost', async () => {
    let asked = 0;
    server.answer = () => (++asked === 1 ? undefined : { records: [record.a('192.0.2.10')] });

    expect(await ask({}, 900)).toMatchObject({ up: 1 });
  });

  test('finds its server by name', async () => {
    serve(record.a('192.0.2.10'));

    const probed = await ask({ server: server.address.replace('127.0.0.1', 'localhost'), ip: 4 });

    expect(probed).toMatchObject({ up: 1, phases: ['resolve', 'wait'] });
  });
});

const refused: Reply = { rcode: 'REFUSED' };
const garbage: Answering = () => Buffer.from('this is no DNS message, however long one looks at it');
const damaged: Answering = ({ message }) => {
  const reply = Buffer.alloc(40, 0xff);
  message.copy(reply, 0, 0, 2);
  return reply;
};

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('dns: IR7: a name that is not as expected has a reason of its own', () => {
  test.each<[string, Answering, Changes, string, string]>([
    ['it does not exist', () => ({ rcode: 'NXDOMAIN' }), {}, 'wait/dns', 'NXDOMAIN'],
    ['the server is in trouble', () => ({ rcode: 'SERVFAIL' }), {}, 'wait/answer', 'SERVFAIL'],
    ['the server refuses to answer', () => refused, {}, 'wait/refused', 'REFUSED'],
    ['it has no record of the type', () => ({}), {}, 'wait/answer', 'NOERROR, 0 records'],
    [
      'it exists where it must not',
      () => ({ records: [record.a('192.0.2.1')] }),
      { expect: { rcode: 'NXDOMAIN' } },
      'wait/answer',
      'expected NXDOMAIN',
    ],
    ['nothing answers', () => undefined, {}, 'wait/timeout', ''],
    ['what answers is no DNS', garbage, {}, 'wait/protocol', ''],
    ['the answer is damaged', damaged, {}, 'wait/protocol', ''],
    [
      'the answer is truncated, and over TCP the server hangs up',
      ({ over }) => (over === 'udp' ? { truncated: true } : undefined),
      {},
      'wait/refused',
      '',
    ],
  ])('%s', async (_title, answer, changes, failure, told) => {
    server.answer = answer;

    const probed = await ask(changes, 600);

    expect(probed).toMatchObject({ up: 0, failure });
    expect(probed.told).toContain(told);
    expect(probed.transcript.durationMs).toBeLessThan(1500);
  });

  test.each<[string, Answering, Rcode]>([
    ['NXDOMAIN', () => ({ rcode: 'NXDOMAIN' }), 'NXDOMAIN'],
    ['REFUSED', () => refused, 'REFUSED'],
    ['SERVFAIL', () => ({ rcode: 'SERVFAIL' }), 'SERVFAIL'],
  ])('%s may be what is expected', async (_title, answer, rcode) => {
    server.answer = answer;

    expect(await ask({ expect: { rcode } })).toMatchObject({ up: 1, failure: undefined });
  });

  test('nothing listens there', async () => {
    expect(await ask({ server: `127.0.0.1:${await freePort()}` })).toMatchObject({ up: 0, failure: 'wait/refused' });
  });

  test('its server does not resolve', async () => {
    expect(await ask({ server: 'no-such-server.invalid' })).toMatchObject({ up: 0, failure: 'resolve/dns' });
  });

  test('it is slow', async () => {
    server.answer = async () => {
      await until(() => late);
      return { records: [record.a('192.0.2.10')] };
    };
    let late = false;
    setTimeout(() => (late = true), 100);

    expect(await ask({ expect: { within: '50ms' } })).toMatchObject({ up: 0, failure: 'wait/slow' });
  });

  test('all reasons are counted from the start', async () => {
    const options = { kind: 'dns' as const, endpoints: { it: { name: NAME, server: 'ns.example.org' } } };
    const probing = await Probing.start(dns, options);

    const counted = probing.failures();
    await probing.close();

    expect(counted).toEqual(
      expect.arrayContaining(['resolve/dns', 'wait/dns', 'wait/answer', 'wait/timeout', 'wait/refused', 'wait/protocol', 'wait/reset']),
    );
  });

  test('a server that is silent disturbs no neighbour, and nothing is left behind', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    serve(record.a('192.0.2.10'));
    const probing = await Probing.start(
      dns,
      {
        kind: 'dns' as const,
        endpoints: {
          silent: { name: NAME, server: `127.0.0.1:${silent.address().port}`, timeout: '500ms' },
          it: { name: NAME, server: server.address },
        },
      },
      { timeout: 4000 },
    );
    await probing.probe();
    const before = descriptors();

    const hanging = Array.from({ length: 4 }, () => probing.probe('silent'));
    for (let round = 0; round < 200; round++) expect((await probing.probe()).up).toBe(1);
    for (const probed of await Promise.all(hanging)) expect(probed).toMatchObject({ up: 0, failure: 'wait/timeout' });

    await probing.close();
    silent.close();
    expect(await until(() => descriptors() <= before + 1)).toBe(true);
  });
});
