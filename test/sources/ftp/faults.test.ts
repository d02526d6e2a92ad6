// Faults of servers and of the network: each has its own phase and class, ends with its deadline, and disturbs no other directory.

import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { Source } from '../../../src/sources/kind.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import { openBlackHole } from '../../black-hole.js';
import { freePort, portOf } from '../../port.js';
import { authority, certificate } from '../http/harness.js';
import { startDouble, type Double, type DoubleOptions, type Talk } from './double.js';
import { collect, directory, failure, openStore, sourceContext, start, total } from './fixtures.js';

const MESSAGES = 'flow_backlog_messages';
const FILE = '-rw-r--r--   1 vigie  vigie        5 Mar  2 2026 a.xml\r\n';
/** Enough for all that goes well, and short for what never ends. */
const DEADLINE_MS = 1_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function double(options: DoubleOptions = {}): Promise<Double> {
  const server = await startDouble({ listing: FILE, ...options });
  closing.push(() => server.close());
  return server;
}

async function open(port: number, changes: Partial<FtpOptions> = {}): Promise<Source> {
  const source = await start({ port, tls: 'none', ...changes }, sourceContext({ PASSWORD: 'hunter2' }));
  closing.push(() => source.close());
  return source;
}

async function store(options: DoubleOptions, changes: Partial<FtpOptions> = {}) {
  const files = await openStore({ port: (await double(options)).port, tls: 'none', ...changes }, sourceContext({ PASSWORD: 'hunter2' }));
  closing.push(() => files.destroy());
  return files;
}

/** A server of its own kind, for what is no FTP. */
async function serve(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return portOf(server);
}

/** How the first listing fails, without the address. */
async function told(port: number, changes: Partial<FtpOptions> = {}, limitMs = DEADLINE_MS): Promise<string> {
  const began = performance.now();
  const text = await failure(await open(port, changes), '/in', limitMs);
  expect(performance.now() - began).toBeLessThan(limitMs + 1500);
  expect(text).not.toContain('hunter2');
  return text.replaceAll(/(?:127\.0\.0\.1|localhost|nowhere\.invalid)(:| port )\d+/g, 'ADDRESS');
}

/** Misbehaves in /in alone. */
function inOneDirectory(misbehave: (talk: Talk) => string | undefined | Promise<string | undefined>): DoubleOptions {
  const places = new WeakMap<Talk, string>();
  return {
    answers: {
      CWD: (talk, path) => {
        places.set(talk, path);
        return '250 there';
      },
      LIST: async (talk) => {
        if (places.get(talk) === '/in') return misbehave(talk);
        talk.say('150 here');
        (await talk.data()).end(FILE);
        return '226 done';
      },
    },
  };
}

describe('a server that cannot be reached', () => {
  test('refuses the connection', async () => {
    expect(await told(await freePort())).toBe('connect/refused: ADDRESS: nothing listens there, or a firewall refuses');
  });

  test('has no name', async () => {
    expect(await told(21, { host: 'nowhere.invalid' }, 5000)).toMatch(/^connect\/dns: ADDRESS: the name /);
  });

  test('lets the connection vanish in a black hole', async () => {
    const hole = await openBlackHole();
    closing.push(() => hole.close());

    expect(await told(hole.port)).toBe('connect/timeout: ADDRESS: no answer to the connection in time');
  });

  test('accepts and says nothing', async () => {
    const port = await serve(createServer((socket) => void socket.on('error', () => {})));

    expect(await told(port)).toBe('connect/timeout: ADDRESS: no greeting in time');
    expect(await told(port, { tls: 'explicit' })).toMatch(/no greeting; a server that expects TLS from the first byte \(tls: implicit\)/);
    expect(await told(port, { tls: 'implicit' })).toBe('connect/timeout: ADDRESS: the server did not finish the TLS handshake in time');
  });

  test.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'connect/protocol: ADDRESS: it greets otherwise than FTP servers do'],
    ['<html>', 'connect/protocol: ADDRESS: it greets otherwise than FTP servers do'],
    ['421 Too many users, sorry\r\n', 'connect/refused: ADDRESS: it takes no more connections now (421)'],
    ['530 not from there\r\n', 'connect/protocol: ADDRESS: it does not let us in (530)'],
    ['220-', 'connect/timeout: ADDRESS: no greeting in time'],
  ])('greets with %j', async (greeting, failed) => {
    const port = await serve(createServer((socket) => void socket.on('error', () => {}).write(greeting)));

    expect(await told(port)).toBe(failed);
  });

  test('greets without end', async () => {
    const port = await serve(
      createServer((socket) => {
        const more = () => {
          while (socket.writable && socket.write(`220-${'x'.repeat(1000)}\r\n`));
        };
        socket.on('error', () => {}).on('drain', more);
        more();
      }),
    );

    expect(await told(port)).toMatch(/^connect\/protocol: /);
  });

  test('ends the connection before it greets', async () => {
    const port = await serve(createServer((socket) => void socket.end()));

    expect(await told(port)).toMatch(/^connect\/(?:lost|protocol): /);
  });
});

describe('a server and its TLS', () => {
  test('offers none, and gets no password', async () => {
    const server = await double();

    expect(await told(server.port, { tls: 'explicit' })).toBe(
      'connect/tls: ADDRESS: it offers no TLS (AUTH TLS: 502); without it the password would go over the network in clear text',
    );
    expect(server.heard.join('\n')).not.toMatch(/USER|PASS/);
  });

  test('speaks none where it should from the first byte', async () => {
    expect(await told((await double()).port, { tls: 'implicit' })).toMatch(/^connect\/tls: ADDRESS: /);
  });

  test('agrees to it and is silent', async () => {
    const server = await double({ answers: { AUTH: (talk) => (talk.say('234 go on'), undefined) } });

    expect(await told(server.port, { tls: 'explicit' })).toBe(
      'connect/timeout: ADDRESS: the server did not finish the TLS handshake in time',
    );
  });

  test('does not secure data channels', async () => {
    const server = await double({ certificate: await certificate(await authority(), '127.0.0.1'), answers: { PROT: '536 no' } });

    expect(await told(server.port, { tls: { insecure: true } })).toBe('login/tls: ADDRESS: it does not secure data channels (PROT: 536)');
  });
});

describe('a login', () => {
  test.each([
    [{ PASS: '530 Login incorrect' }, 'login/auth: ADDRESS: the user or the password is not accepted (PASS: 530)'],
    [{ USER: '530 who?' }, 'login/auth: ADDRESS: the user or the password is not accepted (USER: 530)'],
    [{ PASS: '332 account?' }, 'login/auth: ADDRESS: the user or the password is not accepted (PASS: 332)'],
    [{ PASS: '421 later' }, 'login/refused: ADDRESS: it takes no more connections of this account now (PASS: 421)'],
    [
      { PASS: '530 Sorry, the maximum number of clients (2) for this user are already connected' },
      'login/refused: ADDRESS: it takes no more connections of this account now (PASS: 530)',
    ],
    [
      { USER: '530 Non-anonymous sessions must use encryption.' },
      'login/tls: ADDRESS: it takes no login in clear text; leave `tls: none` out (USER: 530)',
    ],
    [{ PASS: '500 what?' }, 'login/protocol: ADDRESS: it does not go on with the login (PASS: 500)'],
    [{ PASS: () => undefined }, 'login/timeout: ADDRESS did not answer the login in time'],
  ])('answered by %j', async (answers, failed) => {
    expect(await told((await double({ answers })).port)).toBe(failed);
  });

  test('that the server ends halfway', async () => {
    const server = await double({ answers: { PASS: (talk) => void talk.socket.destroy() } });

    expect(await told(server.port)).toMatch(/^login\/lost: /);
  });

  test('without a verdict on the account pauses nothing', async () => {
    let busy = true;
    const server = await double({ answers: { PASS: () => (busy ? '421 later' : '230 welcome') } });
    const source = await open(server.port);

    const first = await failure(source);
    busy = false;

    expect(first).toMatch(/^login\/refused/);
    expect(await failure(source)).toBe('no failure');
  });
});

describe('a listing', () => {
  test.each<[string, string, (talk: Talk) => string | undefined | Promise<string | undefined>]>([
    [
      'that is reset halfway',
      'list/lost: /in: the data channel broke',
      async (talk) => {
        talk.say('150 here');
        const data = await talk.data();
        data.write(FILE, () => data.resetAndDestroy());
        return undefined;
      },
    ],
    [
      'that loses the control channel halfway',
      'list/lost: /in: the connection to ADDRESS was lost',
      async (talk) => {
        talk.say('150 here');
        (await talk.data()).write(FILE);
        talk.socket.destroy();
        return undefined;
      },
    ],
    [
      'that the server gives up',
      'list/lost: /in: the server ended the session (LIST: 426)',
      async (talk) => {
        talk.say('150 here');
        (await talk.data()).end(FILE);
        return '426 cut';
      },
    ],
    ['that never begins', 'list/timeout: /in: ADDRESS did not end LIST in time', () => undefined],
    [
      'that never ends',
      'list/timeout: /in: ADDRESS did not end LIST in time',
      async (talk) => {
        talk.say('150 here');
        (await talk.data()).write(FILE);
        return undefined;
      },
    ],
    [
      'that comes byte by byte',
      'list/timeout: /in: ADDRESS did not end LIST in time',
      async (talk) => {
        talk.say('150 here');
        const data = await talk.data();
        const timer = setInterval(() => data.write('x'), 20);
        data.on('close', () => clearInterval(timer));
        return undefined;
      },
    ],
    [
      'that comes without end',
      'list/timeout: /in: ADDRESS did not end LIST in time',
      async (talk) => {
        talk.say('150 here');
        const data = await talk.data();
        const more = () => {
          while (data.writable && data.write(FILE.repeat(100)));
        };
        data.on('drain', more);
        more();
        return undefined;
      },
    ],
    [
      'in one endless line',
      'list/protocol: /in: a line of the listing is too long to be one',
      async (talk) => {
        talk.say('150 here');
        (await talk.data()).end('x'.repeat(100_000));
        return '226 done';
      },
    ],
    [
      'of garbage',
      'list/protocol: /in: the listing is in a form that is not known: neither MLSD nor that of Unix or Windows',
      async (talk) => {
        talk.say('150 here');
        (await talk.data()).end(Buffer.from([0, 255, 1, 254, 10, 7, 7, 7, 10]));
        return '226 done';
      },
    ],
    ['that is not permitted', 'list/permission: /in: the account may not do this (LIST: 550)', () => '550 Permission denied'],
    [
      'whose data channel the server cannot open',
      'list/refused: /in: the server could not open the data channel (LIST: 425)',
      () => '425 no',
    ],
    [
      'that wants the session of the control channel',
      'list/tls: /in: the server wants the data channel secured in another way (LIST: 522)',
      () => '522 reuse',
    ],
    ['of a server that says goodbye', 'list/lost: /in: the server ended the session (LIST: 421)', () => '421 timeout'],
  ])('%s', async (_how, failed, misbehave) => {
    const server = await double(inOneDirectory(misbehave));
    const source = await open(server.port, { directories: [directory('/in'), directory('/other')] });
    await collect(source, '/other');
    const limit = failed.includes('/timeout') ? DEADLINE_MS : 3000;
    const began = performance.now();

    const [text, other] = await Promise.all([failure(source, '/in', limit), collect(source, '/other', 3000)]);

    expect(text.replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS')).toBe(failed);
    expect(total(other, MESSAGES)).toBe(1);
    expect(performance.now() - began).toBeLessThan(4000);
    expect(total(await collect(source, '/other'), MESSAGES)).toBe(1);
  });

  test.each([
    ['EPSV', '500 what?', 'no failure'],
    ['EPSV', '229 Entering Extended Passive Mode (!!!PORT!)', 'no failure'],
    ['EPSV', '229 whatever', 'list/protocol: /in: the answer to EPSV names no port'],
    ['EPSV', '425 no', 'list/refused: /in: the server could not open the data channel (EPSV: 425)'],
  ])('after %s is answered by %j', async (command, answer, failed) => {
    const server = await double({
      answers: {
        [command]: async (talk: Talk) => {
          if (!answer.includes('PORT')) return answer;
          const port = await talk.listen();
          return answer.replace('PORT', String(port));
        },
      },
    });

    expect(await told(server.port)).toBe(failed);
  });

  test('whose data channel is refused', async () => {
    const port = await freePort();
    const server = await double({ answers: { EPSV: `229 ok (|||${port}|)` } });

    expect(await told(server.port)).toBe(
      'list/refused: /in: the data channel to ADDRESS did not open: nothing listens there, or a firewall refuses',
    );
  });

  test('whose data channel vanishes in a black hole', async () => {
    const hole = await openBlackHole();
    closing.push(() => hole.close());
    const server = await double({ answers: { EPSV: `229 ok (|||${hole.port}|)` } });

    expect(await told(server.port)).toBe('list/timeout: /in: the data channel to ADDRESS did not open in time');
  });

  test('from behind NAT uses the address of the control channel, whatever is announced', async () => {
    const server = await double({ answers: { EPSV: '502 no' }, announced: '10.1.2.3' });

    expect(await told(server.port)).toBe('no failure');
  });

  test('goes to the address that is announced, or to one of ours, where the YAML says so', async () => {
    const server = await double({ announced: '127.0.0.2' });

    expect(await told(server.port, { data_address: 'announced' })).toMatch(/^list\/refused: \/in: the data channel to 127\.0\.0\.2 port/);
    expect(await told(server.port, { data_address: '127.0.0.3' })).toMatch(/^list\/refused: \/in: the data channel to 127\.0\.0\.3 port/);
    expect(server.heard).toContain('PASV');
  });

  test.each(['550 No files found', '450 No files found.', '550 *.*: No such file or directory'])(
    'of an empty directory is one of nothing, also where the server says %j',
    async (answer) => {
      const source = await open((await double({ answers: { LIST: answer } })).port);

      expect(total(await collect(source), MESSAGES)).toBe(0);
    },
  );

  test('is tried in the other ways that the server may know', async () => {
    const server = await double({
      features: ['MLST type*;size*;'],
      answers: {
        MLSD: '502 not that',
        LIST: async (talk, argument) => {
          if (argument === '-a') return '501 no options';
          talk.say('150 here');
          (await talk.data()).end(FILE);
          return '226 done';
        },
      },
    });
    const source = await open(server.port);

    expect(total(await collect(source), MESSAGES)).toBe(1);
    await collect(source);
    expect(server.heard.filter((line) => /MLSD|LIST/.test(line))).toEqual(['MLSD', 'LIST -a', 'LIST', 'LIST']);
  });

  test('is asked for in one way alone where the YAML says so', async () => {
    const server = await double({ answers: { MLSD: '502 not that' } });

    expect(await told(server.port, { list: 'mlsd' })).toBe('list/protocol: /in: the server refused (MLSD: 502)');
  });

  test('that the server announces as done before all has come waits for the rest', async () => {
    const server = await double({
      answers: {
        LIST: async (talk) => {
          talk.say('150 here');
          talk.say('226 done');
          const data = await talk.data();
          data.write(FILE, () => setTimeout(() => data.end(FILE.replace('a.xml', 'b.xml')), 50));
          return undefined;
        },
      },
    });
    const source = await open(server.port);

    expect(total(await collect(source), MESSAGES)).toBe(2);
  });
});

describe('a file that is written', () => {
  test.each([
    ['452 Insufficient storage', 'full'],
    ['552 Exceeded storage allocation', 'full'],
    ['553 Could not create file.', 'permission'],
    ['550 Permission denied', 'permission'],
    ['550 No such directory', 'not_found'],
  ])('answered by %j at once fails as %s', async (answer, errorClass) => {
    const files = await store({ answers: { STOR: answer } });

    await expect(files.write('/in/a', Buffer.from('x'), AbortSignal.timeout(3000))).rejects.toMatchObject({ phase: 'write', errorClass });
    expect(files.ended).toBe(false);
  });

  test.each(['451 Failure writing to local file.', '452 disk full', '552 quota'])('finds no room at the end: %s', async (answer) => {
    const files = await store({
      answers: {
        STOR: async (talk) => {
          talk.say('150 send');
          const data = await talk.data();
          data.once('data', () => data.resetAndDestroy());
          return answer;
        },
      },
    });

    const writing = files.write('/in/a', Buffer.alloc(3_000_000), AbortSignal.timeout(3000));

    await expect(writing).rejects.toMatchObject({
      phase: 'write',
      errorClass: 'full',
      message: '/in/a: the server has no room for it (STOR: ' + answer.slice(0, 3) + ')',
    });
  });
});

describe('a file that is read', () => {
  test('in part leaves no connection of unknown state behind where the server says nothing more', async () => {
    const files = await store({
      answers: {
        RETR: async (talk) => {
          talk.say('150 here');
          (await talk.data()).write('0123456789');
          return undefined;
        },
      },
    });

    const beginning = await files.read('/in/a', 4, AbortSignal.timeout(6000));

    expect(beginning.toString()).toBe('0123');
    expect(files.ended).toBe(true);
  });
});
