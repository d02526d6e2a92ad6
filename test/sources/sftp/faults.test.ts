// Every fault of a server has its phase and class, ends within the time that was given, and disturbs no other directory.

import type { Source } from '../../../src/sources/kind.js';
import { sftp } from '../../../src/sources/sftp/index.js';
import type { SftpOptions } from '../../../src/sources/sftp/schema.js';
import {
  emptyFolder,
  names,
  packet,
  REQUEST,
  startSftpDouble,
  status,
  type Answer,
  type Behaviour,
  type Request,
  type SftpDouble,
} from '../../servers/sftp-double.js';
import { startTcpProxy } from '../../tcp-proxy.js';
import { until } from '../../wait.js';
import { block, collect, failure, inbox, lines, linesOf, sourceConfig, sourceContext, WAITING } from './fixtures.js';

const LIMIT_MS = 400;
const REGULAR = 0o100644;

let double: SftpDouble | undefined;
const open: Source[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((created) => created.close()));
  await double?.stop();
  double = undefined;
});

/** A source with the directories /good and /bad on a double that behaves so. */
async function source(behaviour: Behaviour, changes: Partial<SftpOptions> = {}): Promise<Source> {
  double = await startSftpDouble(behaviour);
  const { key: _withPassword, ...rest } = block;
  const options: SftpOptions = {
    ...rest,
    port: double.port,
    password: 'correct horse',
    host_key: double.fingerprint,
    directories: [
      { ...inbox, path: '/good', name: 'good' },
      { ...inbox, path: '/bad', name: 'bad', stage: 'validated' },
    ],
    ...changes,
  };
  const created = await sftp.create(sourceConfig(options), sourceContext());
  open.push(created);
  return created;
}

/** One file in /good; /bad as the test says. */
function goodAnd(bad: (request: Request) => Answer): Behaviour {
  let given = false;
  return {
    answer: (request) => {
      if (request.text === '/bad') return bad(request);
      if (request.type === REQUEST.opendir) given = false;
      if (request.type !== REQUEST.readdir || given) return emptyFolder(request);
      given = true;
      return names(request.id, [{ name: 'chuv_20261123_1.xml', size: 10, mode: REGULAR, modified: 1000 }]);
    },
  };
}

/** Opens the folder, then the test says what a page is. */
function page(answer: (request: Request) => Answer): (request: Request) => Answer {
  return (request) => (request.type === REQUEST.readdir ? answer(request) : emptyFolder(request));
}

const many = { name: 'x'.repeat(200), longName: 'y'.repeat(200) };

describe('a directory that a server breaks at', () => {
  test.each<[string, (request: Request) => Answer, string]>([
    ['is denied', ({ id }) => status(id, 3), 'permission'],
    ['is gone', ({ id }) => status(id, 2), 'not_found'],
    ['fails without a reason', ({ id }) => status(id, 4), 'protocol'],
    ['is never answered', () => 'nothing', 'timeout'],
    ['is never answered in the middle of the listing', page(() => 'nothing'), 'timeout'],
    ['ends the connection', () => 'disconnect', 'lost'],
    ['ends the connection in the middle of the listing', page(() => 'disconnect'), 'lost'],
    [
      'comes in a packet of more than 256 KiB',
      page(({ id }) =>
        names(
          id,
          Array.from({ length: 800 }, () => many),
        ),
      ),
      'protocol',
    ],
    ['comes as a packet of a type that nobody knows', page(({ id }) => packet(250, Buffer.from([0, 0, 0, id]))), 'protocol'],
    ['comes as garbage', page(() => Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), 'protocol'],
    ['announces more names than it brings', page(({ id }) => packet(104, Buffer.from([0, 0, 0, id, 0, 0, 9, 9]))), 'protocol'],
    ['never ends', page(({ id }) => names(id, [{ name: 'chuv_20261123_1.xml' }])), 'timeout'],
  ])('fails alone when it %s', async (_what, bad, errorClass) => {
    const mine = await source(goodAnd(bad));
    const started = performance.now();

    const [good, error] = await Promise.all([collect(mine, 'good'), failure(mine, 'bad', LIMIT_MS)]);

    expect(error).toMatchObject({ phase: 'list', errorClass });
    expect(performance.now() - started).toBeLessThan(LIMIT_MS + 1500);
    expect(linesOf(WAITING, good)).toContain(`${WAITING}{flow="factures-tge",partner="chuv",stage="received"} 1`);
  });

  test('does not take the others along, look after look', async () => {
    const mine = await source(goodAnd(page(() => 'disconnect')));

    for (let look = 0; look < 10; look++) {
      const [good, error] = await Promise.all([collect(mine, 'good'), failure(mine, 'bad')]);

      expect(error).toMatchObject({ phase: 'list', errorClass: 'lost' });
      expect(linesOf(WAITING, good)).toHaveLength(2);
    }
    await until(() => (double?.connections() ?? 0) <= 1);
  });
});

describe('a server that tells little', () => {
  test('has its files counted where it gives neither sizes nor times', async () => {
    const listing = page(({ id, text }) => (text === '/good' ? (pages.shift()?.(id) ?? status(id, 1)) : status(id, 1)));
    const pages = [(id: number) => names(id, [{ name: 'chuv_20261123_1.xml' }, { name: 'chuv_20261123_2.xml' }])];
    const mine = await source({ answer: listing });

    const found = lines(await collect(mine, 'good'));

    expect(found).toContain('flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} 2');
    expect(found).toContain('flow_backlog_bytes{flow="factures-tge",partner="chuv",stage="received"} 0');
    expect(found).toContain('flow_backlog_oldest_timestamp_seconds{flow="factures-tge",partner="chuv",stage="received"} 0');
  });

  test('has its folders and links told from files by the long names, where it sends no mode', async () => {
    const pages = [
      (id: number) =>
        names(id, [
          { name: 'chuv_20261123_1.xml', longName: 'drwxr-xr-x 2 a b 4096 Nov 23 08:00 chuv_20261123_1.xml' },
          { name: 'chuv_20261123_2.xml', longName: 'lrwxrwxrwx 1 a b 10 Nov 23 08:00 chuv_20261123_2.xml' },
          { name: 'chuv_20261123_3.xml', longName: '-rw-r--r-- 1 a b 10 Nov 23 08:00 chuv_20261123_3.xml' },
        ]),
    ];
    const mine = await source({ answer: page(({ id }) => pages.shift()?.(id) ?? status(id, 1)) });

    const found = linesOf(WAITING, await collect(mine, 'good'));

    expect(found).toContain(`${WAITING}{flow="factures-tge",partner="chuv",stage="received"} 1`);
  });
});

describe('a server that cannot be reached or entered', () => {
  test('is a name that does not exist', async () => {
    const error = await failure(await source({}, { host: 'sftp.example.invalid' }), 'good');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'dns' });
  });

  test('never answers a login', async () => {
    const error = await failure(await source({ login: () => {} }), 'good', LIMIT_MS);

    expect(error).toMatchObject({ phase: 'login', errorClass: 'timeout' });
  });

  test('is a black hole once one is in', async () => {
    const error = await failure(await source({ answer: () => 'nothing' }), 'good', LIMIT_MS);

    expect(error).toMatchObject({ phase: 'login', errorClass: 'timeout' });
    await until(() => double?.connections() === 0);
  });

  test('ends the connection once one is in', async () => {
    const error = await failure(await source({ answer: () => 'disconnect' }), 'good');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'lost' });
  });

  test('comes byte by byte', async () => {
    const target = await startSftpDouble({});
    const proxy = await startTcpProxy(target.port, { byteEveryMs: 5 });
    try {
      const error = await failure(await source({}, { port: proxy.port, host_key: target.fingerprint }), 'good', LIMIT_MS);

      expect(error).toMatchObject({ phase: 'connect', errorClass: 'timeout' });
    } finally {
      await proxy.close();
      await target.stop();
    }
  });

  test('shows another host key than the one expected, and gets no credentials', async () => {
    const error = await failure(await source({}, { host_key: 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDHq6Xyb5fG1Wl1pHg' }), 'good');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'host_key' });
    expect(double?.logins).toEqual([]);
  });
});
