// The HTTP of an exporter, over real sockets, on a source that the test controls.

import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import { own, runtime } from '../../src/conventions.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { startServer } from '../../src/exporter/server.js';
import { StartError } from '../../src/exporter/start-error.js';
import type { Subject } from '../../src/exporter/subject.js';
import { SourceError, type Collector } from '../../src/sources/kind.js';
import { portOf, stopServer } from '../../src/web/server.js';
import { FakeClock } from '../fake-clock.js';
import { describeWith, program } from '../servers/describe.js';
import { backlog, fakeCollector, fakeConfig, fakeSubject, messages, place, recordingLogger } from './fake-subject.js';
import { get, scrapeSamples, valueOf } from './http.js';
import { parseExposition } from './parse-exposition.js';

const running: { exporter: RunningExporter; clock: FakeClock }[] = [];

afterEach(async () => {
  for (const { exporter, clock } of running.splice(0)) {
    const stopped = exporter.stop();
    await clock.advance(5_000); // for sources that hang
    await stopped;
  }
});

async function serve(subject: Subject, clock = new FakeClock()) {
  const { logger, lines } = recordingLogger();
  const exporter = await startExporter({
    find: async () => subject,
    missing: () => 'none',
    configFile: 'exporters.yaml',
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    logger,
    loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
  });
  running.push({ exporter, clock });
  return { exporter, url: exporter.url, clock, lines };
}

const ok = () => Promise.resolve([backlog(5), messages(7)]);
const refused = () => Promise.reject(new SourceError('connect', 'refused', 'connection refused by 127.0.0.1:5432'));
const hang = () => new Promise<never>(() => {});

function subjectOf(...collectors: Collector[]): Subject {
  return fakeSubject(() => collectors);
}

/** The HTTP server of an exporter whose scrapes fail. */
async function serveFailing() {
  const { logger, lines } = recordingLogger();
  const exposed = {
    scrape: () => Promise.reject(new TypeError('hunter2')),
    ready: true,
    status: () => {
      throw new RangeError('hunter2');
    },
    reload: async () => ({ ok: true, message: '' }),
    journals: undefined,
    lookNow: async () => undefined,
    now: () => 0,
  };
  const server = await startServer(exposed, { host: '127.0.0.1', port: 0 }, logger);
  return { server, url: `http://127.0.0.1:${portOf(server)}`, lines };
}

describe('GET /metrics', () => {
  it('answers with the text format to a client that asks for nothing', async () => {
    const { url, clock } = await serve(subjectOf(fakeCollector(ok)));
    await clock.advance(0);

    const { status, headers, body } = await get(`${url}/metrics`);

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers['vary']).toBe('Accept, Accept-Encoding');
    expect(headers['x-powered-by']).toBeUndefined();
    expect(body.toString()).toContain('flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 5\n');
  });

  it('answers with OpenMetrics to a client that likes it better', async () => {
    const { url, clock } = await serve(subjectOf(fakeCollector(ok)));
    await clock.advance(0);

    const { headers, body } = await get(`${url}/metrics`, { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' });

    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const families = parseExposition(body.toString(), 'openmetrics');
    expect(families.map(({ name, type }) => [name, type])).toContainEqual(['flow_messages', 'counter']);
    expect(families.map(({ name, type }) => [name, type])).toContainEqual(['vigie_source_collections', 'counter']);
  });

  it('says the same in both formats, compressed and not', async () => {
    const { url, clock } = await serve(subjectOf(fakeCollector(ok)));
    await clock.advance(0);

    const names = new Set<string>();
    for (const accept of ['text/plain', 'application/openmetrics-text']) {
      const plain = await get(`${url}/metrics`, { accept });
      const packed = await get(`${url}/metrics`, { accept, 'accept-encoding': 'gzip' });
      expect(packed.headers['content-encoding']).toBe('gzip');
      expect(packed.headers['content-length']).toBe(String(packed.body.length));
      const format = accept === 'text/plain' ? 'text' : 'openmetrics';
      for (const body of [plain.body, gunzipSync(packed.body)]) {
        const samples = parseExposition(body.toString(), format).flatMap((family) => family.samples);
        names.add(JSON.stringify(samples.map(({ name, labels }) => [name, labels])));
      }
    }

    expect(names.size).toBe(1);
  });

  it('answers HEAD with the headers alone', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const { status, headers, body } = await get(`${url}/metrics`, {}, 'HEAD');

    expect(status).toBe(200);
    expect(Number(headers['content-length'])).toBeGreaterThan(1000);
    expect(body).toHaveLength(0);
  });

  it('has every counter of its own at 0 before the first collection has ended', async () => {
    const { url } = await serve(subjectOf(fakeCollector(hang)));

    const samples = await scrapeSamples(url);

    const source = { source: 'exchange-db', kind: 'sql' };
    const errors = [
      ['connect', 'refused'],
      ['connect', 'timeout'],
      ['query', 'timeout'],
      ['query', 'syntax'],
      ['collect', 'timeout'],
      ['collect', 'schema'],
      ['collect', 'internal'],
    ];
    for (const [phase = '', errorClass = ''] of errors) {
      expect(valueOf(samples, own.errors.name, { ...source, phase, class: errorClass })).toBe(0);
    }
    for (const label of ['flow', 'partner', 'stage', 'outcome'])
      expect(valueOf(samples, own.undeclared.name, { ...source, label })).toBe(0);
    for (const reason of ['budget', 'duplicate']) expect(valueOf(samples, own.seriesDropped.name, { ...source, reason })).toBe(0);
    expect(valueOf(samples, own.collections.name, { ...source, collector: 'waiting' })).toBe(0);
    expect(valueOf(samples, own.sourceUp.name, source)).toBe(0);
    expect(valueOf(samples, own.lastSuccess.name, { collector: 'waiting' })).toBe(0);
    expect(valueOf(samples, own.staleness.name, { collector: 'waiting' })).toBe(30);
    expect(valueOf(samples, own.reloadSuccessful.name)).toBe(1);
    expect(valueOf(samples, own.configInfo.name, { sha: '0123456789ab' })).toBe(1);
  });

  it('tells how the collections fared', async () => {
    const { url, clock } = await serve(subjectOf(fakeCollector(ok), fakeCollector(refused, { name: 'passed' })));
    await clock.advance(0);

    const samples = await scrapeSamples(url);

    expect(valueOf(samples, own.sourceUp.name)).toBe(0);
    expect(valueOf(samples, own.collectorUp.name, { collector: 'waiting' })).toBe(1);
    expect(valueOf(samples, own.collectorUp.name, { collector: 'passed' })).toBe(0);
    expect(valueOf(samples, own.lastSuccess.name, { collector: 'waiting' })).toBe(clock.now() / 1000);
    expect(valueOf(samples, own.errors.name, { phase: 'connect', class: 'refused' })).toBe(1);
    expect(valueOf(samples, own.collections.name, { collector: 'passed' })).toBe(1);
    expect(valueOf(samples, own.series.name)).toBe(2);
  });

  it('tells what the process uses', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const samples = await scrapeSamples(url);

    expect(valueOf(samples, runtime.cpu.name)).toBeGreaterThan(0);
    expect(valueOf(samples, runtime.residentMemory.name)).toBeGreaterThan(1e6);
    expect(valueOf(samples, runtime.openFds.name)).toBeGreaterThan(3);
    expect(Math.abs((valueOf(samples, runtime.startTime.name) ?? 0) - performance.timeOrigin / 1000)).toBeLessThan(1);
    expect(valueOf(samples, runtime.version.name, { version: process.version })).toBe(1);
  });

  it('NE15: tells what its clock says when it is scraped, however old the rest is', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));
    await scrapeSamples(url);
    const before = Date.now() / 1000;

    const time = valueOf(await scrapeSamples(url), runtime.time.name) ?? 0;

    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('takes gauges away exactly when they are too old, and keeps counters', async () => {
    let answer: Collector['collect'] = ok;
    const { url, clock } = await serve(subjectOf(fakeCollector((signal) => answer(signal))));
    await clock.advance(0);
    answer = refused;

    await clock.advance(29_999);
    const before = await scrapeSamples(url);
    await clock.advance(1);
    const after = await scrapeSamples(url);

    expect(valueOf(before, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(after, 'flow_backlog_messages')).toBeUndefined();
    expect(valueOf(after, 'flow_messages_total')).toBe(7);
    expect(valueOf(after, own.sourceUp.name)).toBe(0);
  });

  it('shows a clash of series as a failed collector, from the very scrape that lacks them', async () => {
    const { url, clock, lines } = await serve(
      subjectOf(
        fakeCollector(ok),
        fakeCollector(() => Promise.resolve([backlog(6)]), { name: 'older' }),
      ),
    );
    await clock.advance(20_000);

    const samples = await scrapeSamples(url);

    expect(valueOf(samples, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(samples, own.collectorUp.name, { collector: 'waiting' })).toBe(1);
    expect(valueOf(samples, own.collectorUp.name, { collector: 'older' })).toBe(0);
    expect(valueOf(samples, own.errors.name, { phase: 'collect', class: 'schema' })).toBeGreaterThanOrEqual(1);
    expect(valueOf(samples, own.seriesDropped.name, { reason: 'duplicate' })).toBeGreaterThanOrEqual(1);
    expect(lines.filter((line) => line['class'] === 'schema')).toHaveLength(1);
    const message = 'comes twice: 5 from waiting and 6 from older; the first one is exposed';
    expect((await get(url)).body.toString()).toContain(message);
  });

  it('drops and counts what is over the budget, and logs it once', async () => {
    const many = Array.from({ length: 30 }, (_, index) => backlog(index, { ...place, path: `p${index}` }));
    const subject = fakeSubject(() => [fakeCollector(() => Promise.resolve(many))], { maxSeries: 10 });
    const { url, clock, lines, exporter } = await serve(subject);

    await clock.advance(40_000);
    const samples = await scrapeSamples(url);

    expect(samples.filter(({ name }) => name === 'flow_backlog_messages')).toHaveLength(10);
    expect(valueOf(samples, own.series.name)).toBe(10);
    const collections = valueOf(samples, own.collections.name) ?? 0;
    expect(valueOf(samples, own.seriesDropped.name, { reason: 'budget' })).toBe(20 * collections);
    expect(valueOf(samples, own.sourceUp.name)).toBe(1);
    expect(lines.map(({ msg }) => msg)).toEqual(['series budget exceeded']);
    expect(exporter.status()).toMatchObject({ series: 10, seriesDropped: 20 });
  });

  it('never mixes two states, however many scrape while collections come and go', async () => {
    let turn = 0;
    const collect = () => {
      turn++;
      return Promise.resolve(Array.from({ length: 200 }, (_, index) => backlog(turn, { ...place, path: `p${index}` })));
    };
    const { url, clock } = await serve(subjectOf(fakeCollector(collect, { interval: 1000, timeout: 500, maxStaleness: 900 })));

    const scrapes: ReturnType<typeof scrapeSamples>[] = [];
    for (let step = 0; step < 100; step++) {
      scrapes.push(scrapeSamples(url));
      await clock.advance(95);
    }

    const states = new Set<string>();
    for (const samples of await Promise.all(scrapes)) {
      const values = new Set(samples.filter(({ name }) => name === 'flow_backlog_messages').map(({ value }) => value));
      const up = valueOf(samples, own.sourceUp.name);
      expect(values.size).toBe(up);
      if (up === 1) expect(valueOf(samples, own.collections.name)).toBe([...values][0]);
      states.add(`${up}`);
    }
    expect(states).toEqual(new Set(['0', '1']));
    expect(turn).toBeGreaterThan(5);
  });
});

describe('the other pages', () => {
  it('are healthy at once and ready when every collector has been tried', async () => {
    const { url, clock } = await serve(subjectOf(fakeCollector(ok), fakeCollector(hang, { name: 'slow' })));
    await clock.advance(0);

    const early = await Promise.all(['healthy', 'ready'].map((page) => get(`${url}/-/${page}`)));
    await clock.advance(4_000);
    const late = await get(`${url}/-/ready`);

    expect(early.map(({ status }) => status)).toEqual([200, 503]);
    expect(late.status).toBe(200);
  });

  it('reload with POST alone', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const [read, posted] = [await get(`${url}/-/reload`), await get(`${url}/-/reload`, {}, 'POST')];

    expect(read.status).toBe(405);
    expect(read.headers['allow']).toBe('POST');
    expect(posted.status).toBe(200);
    expect(posted.body.toString()).toBe('configuration 0123456789ab loaded\n');
  });

  it('reload for no page of another site', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const answer = await get(`${url}/-/reload`, { 'Sec-Fetch-Site': 'cross-site' }, 'POST');

    expect(answer.status).toBe(403);
  });

  it.each(['/', '/metrics', '/status', '/-/healthy', '/-/ready'])('of %s take GET and HEAD alone', async (path) => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const answer = await get(`${url}${path}`, {}, 'POST');
    const head = await get(`${url}${path}`, {}, 'HEAD');

    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect(answer.body.toString()).toBe(`${path} does not take POST, but GET, HEAD\n`);
    expect(head.status).toBeLessThan(504);
    expect(head.body).toHaveLength(0);
  });

  it('tell the status as JSON', async () => {
    const { url, clock, exporter } = await serve(subjectOf(fakeCollector(ok)));
    await clock.advance(0);

    const { headers, body } = await get(`${url}/status`);

    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(body.toString())).toEqual(exporter.status());
    expect(exporter.status()).toMatchObject({
      source: 'exchange-db',
      kind: 'sql',
      title: 'Database of the exchange',
      pid: process.pid,
      ready: true,
      up: true,
      series: 2,
      samples: [
        { metric: 'flow_backlog_messages', labels: place, value: 5 },
        { metric: 'flow_messages_total', labels: { ...place, outcome: 'ok' }, value: 7 },
      ],
    });
  });

  it('show the source, its runs and errors on the landing page, with every text escaped', async () => {
    const subject = fakeSubject(
      (context) => {
        context.undeclared('partner', '<b>hug</b>');
        return [fakeCollector(() => Promise.reject(new SourceError('query', 'syntax', 'near "<script>"')))];
      },
      { title: 'Database & exchange' },
    );
    const { url, clock } = await serve(subject);
    await clock.advance(0);

    const { headers, body } = await get(url);

    const page = body.toString();
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(page).toContain('Database &amp; exchange');
    expect(page).toContain('query, syntax: near &quot;&lt;script&gt;&quot;');
    expect(page).toContain('&lt;b&gt;hug&lt;/b&gt;');
    expect(page).not.toMatch(/<script|<b>/);
  });

  it('say politely that there is nothing', async () => {
    const { url } = await serve(subjectOf(fakeCollector(ok)));

    const { status, body } = await get(`${url}/nothing<here>`);

    expect(status).toBe(404);
    expect(body.toString()).toContain('There is nothing at');
    expect(body.toString()).not.toContain('<here>');
  });

  it('keep a bounded list of undeclared values', async () => {
    const subject = fakeSubject((context) => {
      for (let index = 0; index < 50; index++) context.undeclared('flow', `flow-${index}`);
      context.undeclared('flow', 'flow-0');
      return [fakeCollector(ok)];
    });
    const { exporter, url } = await serve(subject);

    const { undeclared } = exporter.status();

    expect(undeclared).toHaveLength(20);
    expect(undeclared[0]).toEqual({ label: 'flow', value: 'flow-0', count: 2 });
    expect(valueOf(await scrapeSamples(url), own.undeclared.name, { label: 'flow' })).toBe(51);
  });

  it('cut undeclared values at 80 characters', async () => {
    const subject = fakeSubject((context) => {
      context.undeclared('stage', 'x'.repeat(500));
      return [fakeCollector(ok)];
    });
    const { exporter } = await serve(subject);

    expect(exporter.status().undeclared[0]?.value).toBe(`${'x'.repeat(79)}…`);
  });
});

describe('an address that cannot be listened on', () => {
  it('is told with its port and the option that changes it', async () => {
    const { exporter } = await serve(subjectOf(fakeCollector(ok)));

    const second = startExporter({
      find: async () => subjectOf(fakeCollector(ok)),
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: exporter.port },
      clock: new FakeClock(),
      logger: recordingLogger().logger,
      loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
    });

    await expect(second).rejects.toThrow(StartError);
    await expect(second).rejects.toThrow(
      `port ${exporter.port} on 127.0.0.1 is in use: name another address with --listen host:port, e.g. --listen 127.0.0.1:`,
    );
  });
});

describe('stop', () => {
  it('lets a running answer finish and closes connections that are kept alive', async () => {
    const many = Array.from({ length: 9_000 }, (_, index) => backlog(index, { ...place, path: 'p'.repeat(2000) + index }));
    const { exporter, clock } = await serve(subjectOf(fakeCollector(() => Promise.resolve(many))));
    await clock.advance(0);
    const idle = connect(exporter.port, '127.0.0.1');
    await once(idle, 'connect');
    const slow = connect(exporter.port, '127.0.0.1');
    slow.write('GET /metrics HTTP/1.1\r\nHost: vigie\r\n\r\n');
    await once(slow, 'readable');

    const stopped = exporter.stop();
    let received = 0;
    let tail = '';
    slow.on('data', (chunk: Buffer) => {
      received += chunk.length;
      tail = chunk.toString().slice(-200);
    });
    await Promise.all([stopped, once(slow, 'close'), once(idle.resume(), 'close')]);

    expect(received).toBeGreaterThan(18_000_000);
    expect(tail).toMatch(/\nvigie_time_seconds [0-9.]+\n$/);
    await expect(get(`${exporter.url}/metrics`)).rejects.toThrow('ECONNREFUSED');
  });
});

describeWith(['promtool'], 'promtool check metrics', () => {
  it('has nothing to say about an exporter, whatever its state', async () => {
    let answer: Collector['collect'] = ok;
    const { url, clock } = await serve(subjectOf(fakeCollector((signal) => answer(signal))));
    const verdicts = [];
    for (const next of [ok, refused, hang]) {
      answer = next;
      await clock.advance(15_000);
      const { body } = await get(`${url}/metrics`);
      const { status, stdout, stderr } = spawnSync(program('promtool'), ['check', 'metrics'], { input: body, encoding: 'utf8' });
      verdicts.push({ status, stdout, stderr });
    }

    expect(verdicts).toEqual([1, 2, 3].map(() => ({ status: 0, stdout: '', stderr: '' })));
  });
});

describe('a request that goes wrong', () => {
  it.each([
    ['/metrics', 'TypeError'],
    ['/METRICS/', 'TypeError'],
    ['/status', 'RangeError'],
  ])('is answered with 500 and told in the log, without its words: %s', async (path, error) => {
    const { server, url, lines } = await serveFailing();

    const { status, headers, body } = await get(`${url}${path}?secret=hunter2`);
    await stopServer(server, 1_000);

    expect(status).toBe(500);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body.toString()).toBe('internal error: see the log\n');
    expect(lines).toEqual([expect.objectContaining({ msg: 'request failed', path, error })]);
  });
});
