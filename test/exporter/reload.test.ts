// Reload: what changes, what stays, and what happens when the new configuration is no good.

import { own } from '../../src/conventions.js';
import type { Loaded } from '../../src/config/load.js';
import type { Config } from '../../src/config/model.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import type { Subject } from '../../src/exporter/subject.js';
import { SourceError, type Source, type SourceContext } from '../../src/sources/kind.js';
import { FakeClock } from '../fake-clock.js';
import { backlog, fakeCollector, fakeConfig, fakeFlow, fakeSubject, passed, place, recordingLogger } from './fake-subject.js';
import { get, scrapeSamples, valueOf } from './http.js';

const running: { exporter: RunningExporter; clock: FakeClock }[] = [];

afterEach(async () => {
  for (const { exporter, clock } of running.splice(0)) {
    const stopped = exporter.stop();
    await clock.advance(5_000);
    await stopped;
  }
});

interface Now {
  subject: Subject | undefined;
  load: () => Promise<Loaded>;
}

const loaded =
  (overrides: Partial<Config> = {}) =>
  async (): Promise<Loaded> => ({ config: fakeConfig(overrides), diagnostics: [] });

const broken = async (): Promise<Loaded> => ({
  config: undefined,
  diagnostics: [
    { severity: 'warning', file: 'exporters.yaml', line: 2, column: 1, path: 'teams', message: 'nobody is told' },
    { severity: 'error', file: 'exporters.yaml', line: 14, column: 15, path: 'flows.invoices.calendar', message: 'no calendar "bureau"' },
  ],
});

async function serve(subject: Subject) {
  const clock = new FakeClock();
  const { logger, lines } = recordingLogger();
  const now: Now = { subject, load: loaded() };
  const exporter = await startExporter({
    find: async () => now.subject,
    missing: () => 'none',
    configFile: 'exporters.yaml',
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    logger,
    loadConfig: () => now.load(),
  });
  running.push({ exporter, clock });
  await clock.advance(0);
  return { exporter, clock, lines, now, url: exporter.url };
}

const ok = (value: number) => () => Promise.resolve([backlog(value)]);
const count = (flow: string) => ({ ...place, flow, outcome: 'ok' });
const failing = () => Promise.reject(new SourceError('connect', 'config', 'no driver "oracle"'));
const hang = () => new Promise<never>(() => {});

describe('a configuration with errors', () => {
  it('NE14: keeps everything running, and says why on the page, in the answer, in a metric and in the log', async () => {
    const { url, now, lines, clock } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    now.load = broken;

    const answer = await get(`${url}/-/reload`, {}, 'POST');
    await clock.advance(20_000);

    const reason = 'exporters.yaml:14:15 error flows.invoices.calendar: no calendar "bureau"';
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).toBe(`${reason}\n`);
    const samples = await scrapeSamples(url);
    expect(valueOf(samples, own.reloadSuccessful.name)).toBe(0);
    expect(valueOf(samples, own.configInfo.name, { sha: '0123456789ab' })).toBe(1);
    expect(valueOf(samples, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(samples, own.sourceUp.name)).toBe(1);
    expect((await get(url)).body.toString()).toContain('no calendar &quot;bureau&quot;');
    expect(lines.filter(({ level }) => level === 50).map((line) => line['reason'])).toEqual([reason]);
  });

  it('NE14: is over with the next good one', async () => {
    const { exporter, url, now, clock } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    now.load = broken;
    await exporter.reload();
    await clock.advance(1_000);
    now.load = loaded({ sha: 'ba9876543210' });

    const answer = await exporter.reload();

    expect(answer).toEqual({ ok: true, message: 'configuration ba9876543210 loaded' });
    const samples = await scrapeSamples(url);
    expect(valueOf(samples, own.reloadSuccessful.name)).toBe(1);
    expect(valueOf(samples, own.configInfo.name, { sha: 'ba9876543210' })).toBe(1);
    expect(valueOf(samples, own.reloadTimestamp.name)).toBe(clock.now() / 1000);
    expect(exporter.status().reload).toEqual({ successful: true, at: clock.now() });
  });

  it('tells an exception of the loader by its class alone', async () => {
    const { exporter, now } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    now.load = () => Promise.reject(new TypeError('password is hunter2'));

    const answer = await exporter.reload();

    expect(answer).toEqual({ ok: false, message: 'exporters.yaml cannot be loaded: unexpected TypeError' });
  });
});

describe('a configuration that changes nothing about the source', () => {
  it('is taken over without touching it', async () => {
    const subject = fakeSubject(() => [fakeCollector(ok(5))]);
    const { exporter, now } = await serve(subject);
    now.load = loaded({ sha: 'ba9876543210' });

    await exporter.reload();

    expect(subject.contexts).toHaveLength(1);
    expect(exporter.status().configSha).toBe('ba9876543210');
  });
});

describe('a configuration without the source', () => {
  it('lets it run on and says so', async () => {
    const { exporter, now, url, clock } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    now.subject = undefined;

    const answer = await exporter.reload();
    await clock.advance(20_000);

    const message = 'exchange-db is no longer in the configuration: it runs on as it was until it is stopped';
    expect(answer).toEqual({ ok: true, message });
    expect(exporter.status().reload.message).toBe(message);
    expect(valueOf(await scrapeSamples(url), own.sourceUp.name)).toBe(1);
  });
});

describe('a changed source', () => {
  it('gets what the old one handed over', async () => {
    const old = fakeSubject(() => [], {
      create: async (): Promise<Source> => ({ collectors: [fakeCollector(ok(5))], close: async () => ({ position: 4711 }) }),
    });
    const successor = fakeSubject(() => [fakeCollector(ok(6))], { fingerprint: 'second' });
    const { exporter, now } = await serve(old);
    now.subject = successor;

    await exporter.reload();

    expect(successor.contexts.map(({ handover }) => handover)).toEqual([{ position: 4711 }]);
  });

  it('has the same record, which knows what was written before', async () => {
    const old = fakeSubject(() => [fakeCollector(ok(5))]);
    const successor = fakeSubject(() => [fakeCollector(ok(6))], { fingerprint: 'second' });
    const { exporter, now } = await serve(old);
    now.subject = successor;

    await exporter.reload();

    expect(successor.contexts[0]?.record('waiting')).toBe(old.contexts[0]?.record('waiting'));
  });

  it('keeps the last observations until the new source has looked once', async () => {
    const { exporter, now, url, clock } = await serve(fakeSubject(() => [fakeCollector(ok(5)), fakeCollector(ok(1), { name: 'gone' })]));
    const release: (() => void)[] = [];
    const later = () => new Promise<readonly ReturnType<typeof backlog>[]>((resolve) => release.push(() => resolve([backlog(6)])));
    now.subject = fakeSubject(() => [fakeCollector(later)], { fingerprint: 'second' });

    await exporter.reload();
    const during = await scrapeSamples(url);
    release[0]?.();
    await clock.advance(0);
    const after = await scrapeSamples(url);

    expect(valueOf(during, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(during, own.sourceUp.name)).toBe(1);
    expect(valueOf(after, 'flow_backlog_messages')).toBe(6);
    expect(valueOf(after, own.collections.name, { collector: 'gone' })).toBeUndefined();
    expect(valueOf(after, own.collections.name, { collector: 'waiting' })).toBe(2);
  });

  it('lets the old observations grow too old while the new source hangs', async () => {
    const { exporter, now, url, clock } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    await clock.advance(1_000);
    now.subject = fakeSubject(() => [fakeCollector(hang)], { fingerprint: 'second' });
    await exporter.reload();
    const last = (exporter.status().collectors[0]?.lastSuccessAt ?? 0) + 30_000;

    await clock.advance(last - clock.now() - 1);
    const before = await scrapeSamples(url);
    await clock.advance(1);
    const after = await scrapeSamples(url);

    expect(valueOf(before, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(after, 'flow_backlog_messages')).toBeUndefined();
  });

  it('goes on with its counters, and loses those of flows that are no longer declared', async () => {
    const flows = [fakeFlow('invoices'), fakeFlow('payments')];
    const { exporter, now, url } = await serve(follow('first', 'invoices', 'payments'));
    now.load = loaded({ flows });
    now.subject = follow('second', 'invoices', 'payments');
    await exporter.reload();
    now.load = loaded({ flows: flows.slice(0, 1) });
    now.subject = follow('third', 'invoices');

    await exporter.reload();

    const samples = await scrapeSamples(url);
    expect(valueOf(samples, passed.name, { flow: 'invoices' })).toBe(3);
    expect(valueOf(samples, passed.name, { flow: 'payments' })).toBeUndefined();
    expect(valueOf(samples, 'lines_total')).toBe(3);
  });

  it('keeps the old source when the new one cannot be set up', async () => {
    const old = fakeSubject(() => [fakeCollector(ok(5))]);
    const { exporter, now, url, clock } = await serve(old);
    now.subject = fakeSubject(() => [], { fingerprint: 'second', create: failing });

    const answer = await exporter.reload();
    await clock.advance(60_000);

    expect(answer).toEqual({ ok: false, message: 'source exchange-db cannot be set up (connect, config): no driver "oracle"' });
    expect(old.contexts).toHaveLength(2);
    const samples = await scrapeSamples(url);
    expect(valueOf(samples, 'flow_backlog_messages')).toBe(5);
    expect(valueOf(samples, own.sourceUp.name)).toBe(1);
    expect(valueOf(samples, own.reloadSuccessful.name)).toBe(0);
  });

  it('fails in the open when not even the old one can be set up again', async () => {
    let creations = 0;
    const create = async (): Promise<Source> => {
      if (++creations > 1) throw new SourceError('connect', 'secret', 'the variable DB_PASSWORD is not set');
      return { collectors: [fakeCollector(ok(5))], close: async () => undefined };
    };
    const { exporter, now, url, clock } = await serve(fakeSubject(() => [], { create }));
    now.subject = fakeSubject(() => [], { fingerprint: 'second', create });

    await exporter.reload();
    await clock.advance(40_000);

    const samples = await scrapeSamples(url);
    expect(valueOf(samples, 'flow_backlog_messages')).toBeUndefined();
    expect(valueOf(samples, own.sourceUp.name)).toBe(0);
    expect(exporter.status().collectors[0]?.runs[0]?.error?.message).toBe('the variable DB_PASSWORD is not set');
  });

  it('is another source where its kind is another one', async () => {
    const { exporter, now, url } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    now.subject = fakeSubject(() => [fakeCollector(hang)], { kind: 'http', fingerprint: 'second' });

    await exporter.reload();

    const samples = await scrapeSamples(url);
    expect(valueOf(samples, own.sourceUp.name)).toBe(0);
    expect(new Set(samples.flatMap(({ labels }) => labels['kind'] ?? []))).toEqual(new Set(['http']));
    expect(valueOf(samples, 'flow_backlog_messages')).toBeUndefined();
  });
});

describe('a stop during a reload', () => {
  it('waits for it, and each source is closed once', async () => {
    const closed: string[] = [];
    const released = Promise.withResolvers<void>();
    const source = (name: string) => async (): Promise<Source> => {
      if (name === 'new') await released.promise;
      return { collectors: [fakeCollector(ok(5))], close: async () => void closed.push(name) };
    };
    const { exporter, now, clock } = await serve(fakeSubject(() => [], { create: source('old') }));
    now.subject = fakeSubject(() => [], { fingerprint: 'second', create: source('new') });

    const reloaded = exporter.reload();
    await clock.advance(0);
    const stopped = exporter.stop();
    released.resolve();
    await reloaded;
    await stopped;

    expect(closed).toEqual(['old', 'new']);
  });
});

describe('several reloads at the same time', () => {
  it('follow each other', async () => {
    const { exporter, now } = await serve(fakeSubject(() => [fakeCollector(ok(5))]));
    let loading = 0;
    let most = 0;
    now.load = async () => {
      most = Math.max(most, ++loading);
      await new Promise((resolve) => setImmediate(resolve));
      loading--;
      return loaded()();
    };

    const answers = await Promise.all([exporter.reload(), exporter.reload(), exporter.reload()]);

    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true]);
    expect(most).toBe(1);
  });
});

/** A source that counts one message for each of these flows, and one line, whenever it is created. */
function follow(fingerprint: string, ...flows: string[]): Subject {
  const build = (context: SourceContext) => {
    const accumulator = context.accumulator('waiting');
    for (const flow of flows) accumulator.counter(passed, count(flow)).add(1);
    accumulator.counter({ ...passed, name: 'lines_total', labels: ['code'] }, { code: '1' }).add(1);
    return [fakeCollector(() => Promise.resolve([]), { accumulator })];
  };
  return fakeSubject(build, { fingerprint });
}
