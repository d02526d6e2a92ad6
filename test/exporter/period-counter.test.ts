// What an exporter counts within periods: polled and followed collectors, over restarts and reloads, and nothing where nothing is asked for.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/model.js';
import type { Expectation } from '../../src/domain/expectation-declaration.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import type { Collector, SourceContext } from '../../src/sources/kind.js';
import { FakeClock } from '../fake-clock.js';
import { source } from '../catalog/fixtures.js';
import { fakeCollector, fakeConfig, fakeFlow, fakeSubject, messages, passed, place, recordingLogger } from './fake-subject.js';
import { scrapeSamples } from './http.js';

const MINUTE = 60_000;
const MORNING: Expectation = {
  name: 'morning',
  stage: 'received',
  partners: ['chuv'],
  timing: { kind: 'by', deadline: 510, from: undefined, earliest: undefined, days: { kind: 'open' } },
  atLeast: 100,
  atMost: undefined,
  warnBefore: undefined,
  lasts: undefined,
};

function configOf(expectation: Partial<Expectation> = {}, part: Partial<Config> = {}): Config {
  return fakeConfig({
    flows: [{ ...fakeFlow('invoices'), expectations: [{ ...MORNING, ...expectation }] }],
    sources: [source({ observes: ['invoices'] })],
    ...part,
  });
}

/** `current 5`, `previous 3` */
async function counts({ url }: RunningExporter): Promise<string[]> {
  const samples = await scrapeSamples(url);
  return samples
    .filter(({ name }) => name === 'flow_period_messages')
    .map(({ labels, value }) => `${labels['period']} ${value}`)
    .toSorted();
}

/** Each look finds one message more. */
function following(context: SourceContext): Collector {
  const accumulator = context.accumulator('waiting');
  const counter = accumulator.counter(passed, { ...place, outcome: 'ok' });
  const collect = () => {
    counter.add(1);
    return Promise.resolve([]);
  };
  return fakeCollector(collect, { accumulator });
}

describe('messages within periods', () => {
  let folder: string;
  const running: RunningExporter[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-periods-'));
  });
  afterEach(async () => {
    for (const exporter of running.splice(0)) await exporter.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(build: (context: SourceContext) => Collector, config: Config, clock = new FakeClock('2026-03-02T23:58:00Z')) {
    const { logger, lines } = recordingLogger();
    const now = { config, subject: fakeSubject((context) => [build(context)]) };
    const exporter = await startExporter({
      find: async () => now.subject,
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      clock,
      logger,
      stateFolder: folder,
      loadConfig: async () => ({ config: now.config, diagnostics: [] }),
    });
    running.push(exporter);
    await clock.advance(0);
    return { exporter, clock, lines, now };
  }

  it('GM3: of a polled source, from the first period on whose beginning is seen', async () => {
    let total = 1000;
    const { exporter, clock } = await serve(() => fakeCollector(() => Promise.resolve([messages(total)])), configOf());

    const unseen = await counts(exporter);
    await clock.advance(2 * MINUTE);
    total += 12;
    await clock.advance(MINUTE);

    expect(unseen).toEqual([]);
    expect(await counts(exporter)).toEqual(['current 12']);
  });

  it('GM3: of a followed source, from what it has published', async () => {
    const { exporter, clock } = await serve(following, configOf());

    await clock.advance(3 * MINUTE - 1);

    // Each 10 s one; the one in which the period began is of it.
    expect(await counts(exporter)).toEqual(['current 6']);
  });

  it('restarts lose nothing', async () => {
    let total = 1000;
    const build = () => fakeCollector(() => Promise.resolve([messages(total)]));
    const before = await serve(build, configOf());
    await before.clock.advance(3 * MINUTE);
    total += 5;
    await before.clock.advance(MINUTE);
    running.splice(0);
    await before.exporter.stop();
    total += 3;

    const after = await serve(build, configOf(), new FakeClock('2026-03-03T04:00:00Z'));

    expect(await counts(after.exporter)).toEqual(['current 8']);
  });

  it('a reload goes on counting', async () => {
    let total = 0;
    const { exporter, clock, now } = await serve(() => fakeCollector(() => Promise.resolve([messages(total)])), configOf());
    await clock.advance(3 * MINUTE);
    total += 5;
    await clock.advance(MINUTE);
    now.subject = fakeSubject(() => [fakeCollector(() => Promise.resolve([messages(total)]))], { fingerprint: 'second' });
    total += 2;

    await exporter.reload(configOf({ atMost: 500 }));
    await clock.advance(MINUTE);

    expect(await counts(exporter)).toEqual(['current 7']);
  });

  it('go when the source is not seen any more', async () => {
    let isThere = true;
    const look = () => (isThere ? Promise.resolve([messages(1)]) : Promise.reject(new Error('gone')));
    const { exporter, clock } = await serve(() => fakeCollector(look), configOf());
    await clock.advance(3 * MINUTE);
    const seen = await counts(exporter);
    isThere = false;
    await clock.advance(2 * MINUTE);

    expect([seen, await counts(exporter)]).toEqual([['current 0'], []]);
  });

  it('EN2: the calendar of the environment holds, with its holidays', async () => {
    const calendars = {
      bureau: { timezone: 'Europe/Zurich', open: { 'mon-sun': '07:00-19:00' }, holidays: ['CH-VD'] },
    };
    const environments = [{ name: 'prod', title: 'Production', production: true, calendar: 'bureau' }];
    let total = 0;
    // Good Friday is over in Zurich at 22:00 UTC; no period begins on it.
    const clock = new FakeClock('2026-04-02T21:59:00Z');
    const { exporter } = await serve(
      () => fakeCollector(() => Promise.resolve([messages(total)])),
      configOf({}, { calendars, environments }),
      clock,
    );
    await clock.advance(5 * MINUTE);
    const holiday = await counts(exporter);
    total += 4;
    await clock.advance(24 * 60 * MINUTE);

    expect(holiday).toEqual([]);
    expect(await counts(exporter)).toEqual(['current 0']);
  });

  it.each([
    ['no number is expected', configOf({ atLeast: undefined })],
    ['it is expected every so often', configOf({ timing: { kind: 'every', seconds: 900 } })],
    ['the source observes other flows', configOf({}, { sources: [source({ observes: ['others'] })] })],
  ])('nothing is kept where %s', async (_, config) => {
    const { exporter, clock } = await serve(() => fakeCollector(() => Promise.resolve([messages(1)])), config);
    await clock.advance(5 * MINUTE);
    const found = await counts(exporter);
    running.splice(0);
    await exporter.stop();

    expect([found, await readdir(folder)]).toEqual([[], []]);
  });
});
