import type { StatusSample } from '../../src/exporter/status.js';
import { viewFlows } from '../../src/fleet/flows.js';
import { flow } from '../flow.js';
import {
  backlog,
  catalogSaying,
  collector,
  config,
  dead,
  failing,
  lastMessage,
  messages,
  NOW,
  oldest,
  speaking,
  watchedBy,
} from './fixtures.js';

const noRates = () => undefined;

/** A log counts the messages of every stage, an inbox knows the backlog. */
const inboxWatches = () => [
  { source: 'log', signal: 'messages', part: '0' } as const,
  { source: 'inbox', signal: 'backlog', part: '0' } as const,
  { source: 'inbox', signal: 'backlog_oldest', part: '0' } as const,
];

/** The gaps of the first stage while the source `inbox` fails and says this. */
function gapsWhere(...said: readonly StatusSample[]) {
  const inbox = speaking('inbox', said, { up: false, collectors: [failing('/in')] });
  return viewFlows(config(), inboxWatches, [speaking('log', [messages(1)]), inbox], noRates)[0]?.stages[0]?.gaps;
}

describe('a flow as it is seen', () => {
  test('GM2: shows each stage in the order of the YAML, with all partners taken together', () => {
    const seen = speaking('db', [
      messages(10, { partner: 'chuv' }),
      messages(2, { partner: 'chuv' }, 'error'),
      messages(1, { partner: 'hug' }, 'rejected'),
      lastMessage(NOW - 4_000, { partner: 'chuv' }),
      lastMessage(NOW - 9_000, { partner: 'hug' }),
      backlog(3, { partner: 'chuv', stage: 'processed' }),
      backlog(4, { partner: 'hug', stage: 'processed' }),
      oldest(NOW - 60_000, { partner: 'chuv', stage: 'processed' }),
      oldest(0, { partner: 'hug', stage: 'processed' }),
    ]);

    const [view] = viewFlows(config(), watchedBy('db'), [seen], () => 6);

    expect(view?.stages.map(({ name }) => name)).toEqual(['received', 'processed']);
    expect(view?.stages[0]?.total).toMatchObject({ messages: 13, errors: 2, rejected: 1, perMinute: 18, lastMessageAt: NOW - 4_000 });
    expect(view?.stages[1]?.total).toMatchObject({ messages: undefined, backlog: 7, oldestAt: NOW - 60_000 });
    expect(view?.stages[0]?.partners.map(({ partner, reading }) => [partner, reading.messages])).toEqual([
      ['chuv', 12],
      ['hug', 1],
    ]);
  });

  test('EN1: is seen apart in each environment it runs in', () => {
    const flows = [flow({ environments: ['prod', 'qual'] })];
    const seen = speaking('db', [messages(10), messages(3, { env: 'qual' })]);

    const views = viewFlows(config({ flows }), watchedBy('db'), [seen], noRates);

    expect(views.map(({ env, stages }) => [env, stages[0]?.total.messages])).toEqual([
      ['prod', 10],
      ['qual', 3],
    ]);
  });

  test('has no data where the exporter is dead, and says which one and why', () => {
    const [view] = viewFlows(config(), watchedBy('db'), [dead('db', 'signal SIGKILL')], noRates);

    expect(view?.trouble).toBe('critical');
    expect(view?.stages[0]?.gaps).toEqual([{ source: 'db', missing: [], because: 'its process ended: signal SIGKILL', starting: false }]);
    expect(view?.stages[0]?.total.messages).toBeUndefined();
  });

  test('has no rate where the source fails: a counter that stands still says nothing then', () => {
    const seen = speaking('db', [messages(10)], { up: false, collectors: [failing('waiting')] });

    const [view] = viewFlows(config(), watchedBy('db'), [seen], () => 0);

    expect(view?.stages[0]?.total).toMatchObject({ messages: 10, perMinute: undefined });
    expect(view?.stages[0]?.gaps[0]).toMatchObject({ source: 'db', because: 'refused in connect' });
  });

  test('is not in trouble because of another part of the same source', () => {
    const seen = speaking('db', [messages(10)], { up: false, collectors: [collector('waiting'), failing('other')] });

    const [view] = viewFlows(config(), watchedBy('db'), [seen], () => 3);

    expect(view?.trouble).toBeUndefined();
    expect(view?.stages[0]?.total.perMinute).toBe(3);
  });

  test('keeps a gauge of a failing source until the source withdraws it, and then says what is missing', () => {
    expect(gapsWhere(backlog(3), oldest(NOW))).toEqual([]);
    expect(gapsWhere()).toEqual([{ source: 'inbox', missing: ['backlog'], because: 'refused in connect', starting: false }]);
  });

  test('is in trouble when the backlog of one partner crosses a bound', () => {
    const bounds = [
      { indicator: 'backlog', statistic: 'held', severity: 'warning', side: 'above', value: 100, window: '1m' },
      { indicator: 'backlog', statistic: 'held', severity: 'critical', side: 'above', value: 500, window: '1m' },
    ] as const;
    const crossed = (value: number) => {
      const seen = speaking('db', [backlog(value, { partner: 'hug' }), backlog(90, { partner: 'chuv' })]);
      const [view] = viewFlows(config({ flows: [flow({ bounds })] }), watchedBy('db'), [seen], noRates);
      return [view?.trouble, view?.stages[0]?.crossed?.value];
    };

    expect(crossed(100)).toEqual([undefined, undefined]);
    expect(crossed(101)).toEqual(['warning', 100]);
    expect(crossed(501)).toEqual(['critical', 500]);
  });

  test('is in doubt while errors are counted, and no longer than a minute', () => {
    const seen = speaking('db', [messages(10), messages(2, {}, 'error')]);
    const trouble = (rate: number) =>
      viewFlows(config(), watchedBy('db'), [seen], (_source, { labels }) => (labels['outcome'] === 'error' ? rate : 9))[0]?.trouble;

    expect(trouble(1)).toBe('warning');
    expect(trouble(0)).toBeUndefined();
  });

  test('EN2: shows whether it is open and until when, as the catalogue has it', () => {
    const [view] = viewFlows(config(), watchedBy(), [catalogSaying('factures-tge', true, NOW + 3_600_000)], noRates);

    expect(view).toMatchObject({ open: true, nextChangeAt: NOW + 3_600_000 });
  });

  test('knows no opening hours while the catalogue is silent, and no change where none is in sight', () => {
    const [silent] = viewFlows(config(), watchedBy(), [dead('catalog')], noRates);
    const [always] = viewFlows(config(), watchedBy(), [catalogSaying('factures-tge', true, Infinity)], noRates);

    expect(silent?.open).toBeUndefined();
    expect(always).toMatchObject({ open: true, nextChangeAt: undefined });
  });
});
