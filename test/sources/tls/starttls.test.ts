// TLS that is asked for in plain text, of servers that speak the protocols.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { tls } from '../../../src/sources/tls/index.js';
import type { EndpointOptions } from '../../../src/sources/tls/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { closeServers, probeOnce, serve, speak, type Probed } from '../tcp/harness.js';
import { authority, certificate, pemFolder, type Pair } from './certificates.js';

let folder: Awaited<ReturnType<typeof pemFolder>>;
let server: Pair;
let ca: string;

beforeAll(async () => {
  folder = await pemFolder();
  const root = await authority('Root of the tests');
  server = await certificate('127.0.0.1', { by: root });
  ca = await folder.write('ca.pem', root.cert);
});
afterAll(() => folder.remove());
afterEach(closeServers);

type Protocol = NonNullable<EndpointOptions['starttls']>;

async function probe(port: number, starttls: Protocol): Promise<Probed> {
  return await probeOnce(tls, { kind: 'tls', endpoints: { it: { address: `127.0.0.1:${port}`, starttls, ca, timeout: '500ms' } } });
}

/** Goes over to TLS, once the answer that says so has been written. */
function secureServer(socket: Socket): void {
  socket.removeAllListeners('data');
  new TLSSocket(socket, { isServer: true, ...server }).on('error', () => {}).resume();
}

interface Talk {
  readonly greeting: string;
  /** What is said to what; to anything else, `no`. The answer to the last of them is followed by TLS. */
  readonly answers: Readonly<Record<string, string>>;
  readonly no: string;
}

const TALKS: Readonly<Record<'smtp' | 'imap' | 'pop3' | 'ftp', Talk>> = {
  smtp: {
    greeting: '220-mail.example.org\r\n220 ready',
    answers: { 'EHLO [127.0.0.1]': '250-mail.example.org\r\n250-SIZE 1000\r\n250 STARTTLS', STARTTLS: '220 go on' },
    no: '502 no such order',
  },
  imap: { greeting: '* OK [CAPABILITY IMAP4rev2 STARTTLS] ready', answers: { 'a1 STARTTLS': 'a1 OK go on' }, no: 'a1 BAD no such order' },
  pop3: { greeting: '+OK ready', answers: { STLS: '+OK go on' }, no: '-ERR no such order' },
  ftp: { greeting: '220-Welcome\r\n220 ready', answers: { 'AUTH TLS': '234 go on' }, no: '502 no such order' },
};

function talk({ greeting, answers, no }: Talk): (socket: Socket) => void {
  const last = Object.keys(answers).at(-1);
  return (socket) =>
    speak(socket, greeting, (line) => {
      const answer = answers[line];
      if (answer === undefined || line !== last) return answer ?? no;
      socket.write(`${answer}\r\n`);
      secureServer(socket);
      return '';
    });
}

describe('a tls endpoint with STARTTLS', () => {
  test.each(['smtp', 'imap', 'pop3', 'ftp'] as const)('of %s is asked as its protocol says', async (protocol) => {
    const probed = await probe(await serve(talk(TALKS[protocol])), protocol);

    expect(probed).toMatchObject({ up: 1, failure: undefined, phases: ['resolve', 'connect', 'greeting', 'tls', 'send', 'wait'] });
    expect(probed.values['endpoint_certificate_expiry_timestamp_seconds']).toBeGreaterThan(Date.now() / 1000);
  });

  test.each(['smtp', 'imap', 'pop3', 'ftp'] as const)('of %s is down where it has none', async (protocol) => {
    const { greeting, no } = TALKS[protocol];

    const probed = await probe(await serve(talk({ greeting, no, answers: { EHLO: '250 fine' } })), protocol);

    expect(probed).toMatchObject({ up: 0, failure: 'wait/answer' });
    expect(probed.transcript).toContain(no);
  });

  test.each([
    ['smtp', '554 no service'],
    ['imap', '* BYE busy'],
    ['pop3', '-ERR busy'],
    ['ftp', '421 too many users'],
  ] as const)('of %s that greets with "%s" is down for it', async (protocol, greeting) => {
    const probed = await probe(await serve((socket) => speak(socket, greeting, () => undefined)), protocol);

    expect(probed).toMatchObject({ up: 0, failure: 'greeting/greeting' });
    expect(probed.transcript).toContain(greeting);
  });

  test('is down where words slip in before the handshake', async () => {
    const port = await serve((socket) => speak(socket, '+OK ready', () => '+OK go on\r\n+OK you are logged in'));

    expect(await probe(port, 'pop3')).toMatchObject({ up: 0, failure: 'tls/protocol' });
  });

  test.each([
    ['in the short form', '300c02010178070a010004000400', undefined],
    ['in the long form, as Active Directory writes it', '308400000010 020101 788400000007 0a010004000400', undefined],
    ['that refuses', '300c02010178070a013404000400', 'wait/answer'],
    ['to something else', '300c02010161070a010004000400', 'wait/protocol'],
  ])('of LDAP: an answer %s', async (_what, hex, failure) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const port = await serve((socket) => {
      socket.once('data', (data) => {
        const isRequest = data.equals(Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037')]));
        // In two packets: it counts once it is complete.
        socket.write(bytes.subarray(0, 3), () =>
          socket.write(isRequest ? bytes.subarray(3) : Buffer.alloc(99), () => secureServer(socket)),
        );
      });
    });

    expect(await probe(port, 'ldap')).toMatchObject({ up: failure === undefined ? 1 : 0, failure });
  });

  test.each([
    ['N', 'wait/answer'],
    ['E', 'wait/protocol'],
  ])('of PostgreSQL that answers %s', async (answer, failure) => {
    expect(await probe(await serve((socket) => socket.once('data', () => socket.write(answer))), 'postgres')).toMatchObject({
      up: 0,
      failure,
    });
  });
});

describeWith(['postgres'], 'a real PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres({ tls: { certificate: server.cert, key: server.key } });
  }, 60_000);
  afterAll(() => postgres.remove());

  test('shows its certificate after an SSLRequest', async () => {
    const probed = await probe(postgres.port, 'postgres');

    expect(probed).toMatchObject({ up: 1, failure: undefined });
    expect(probed.labels['endpoint_certificate_info']).toMatchObject({ issuer: 'Root of the tests' });
  });
});
