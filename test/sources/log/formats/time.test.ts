// When a message was seen, by the account of its line.

import type { LogOptions } from '../../../../src/sources/log/schema.js';
import { createTimeReader } from '../../../../src/sources/log/formats/time.js';
import { Rig } from '../rig.js';

type TimeOptions = NonNullable<LogOptions['time']>;

async function read(options: TimeOptions | undefined, fields: Record<string, unknown>): Promise<string | undefined> {
  const time = (await createTimeReader(options))(fields);
  return typeof time === 'number' ? new Date(time).toISOString() : time;
}

describe('the time of a line', () => {
  test.each([
    [{ time: '2026-03-02T08:00:00Z' }, '2026-03-02T08:00:00.000Z'],
    [{ ts: '2026-03-02 09:00:00,250+0100' }, '2026-03-02T08:00:00.250Z'],
    [{ timestamp: '2026-03-02T09:00+01' }, '2026-03-02T08:00:00.000Z'],
    [{ '@timestamp': '2026-03-02T08:00:00.123456789Z' }, '2026-03-02T08:00:00.123Z'],
    [{ time: 1772438400 }, '2026-03-02T08:00:00.000Z'],
    [{ time: '1772438400.5' }, '2026-03-02T08:00:00.500Z'],
    [{ time: 1772438400500 }, '2026-03-02T08:00:00.500Z'],
    [{ time: '2026-03-02T08:00:00' }, undefined],
    [{ time: 'yesterday' }, undefined],
    [{}, undefined],
  ])('is taken from the usual fields, %j', async (fields, expected) => {
    const time = await read(undefined, fields);

    expect(time).toBe(expected);
  });

  test.each([
    [{ field: 'at' }, '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.000Z'],
    [{ field: 'at', format: 'unix' }, 1772438400.5, '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', format: 'unix_ms' }, '1772438400500', '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-03-02 09:00:00,5', '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-07-02 10:00:00', '2026-07-02T08:00:00.000Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.000Z'],
    [{ field: 'at' }, '2026-03-02 09:00:00', 'unreadable'],
    [{ field: 'at', timezone: 'UTC' }, '2026-02-30 09:00:00', 'unreadable'],
    [{ field: 'at', format: 'unix' }, 'noon', 'unreadable'],
    [{ field: 'at' }, undefined, 'unreadable'],
  ] as const)('is read as the YAML says, %j from %j', async (options, at, expected) => {
    const time = await read(options, { at });

    expect(time).toBe(expected);
  });

  test.each([
    ['before the clock goes back', '2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z'],
    ['in the hour that comes twice: the second one', '2026-10-25 02:30:00', '2026-10-25T01:30:00.000Z'],
    ['after it', '2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z'],
    ['in the hour that is left out in spring', '2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z'],
  ])('%s', async (_when, at, expected) => {
    const time = await read({ field: 'at', timezone: 'Europe/Zurich' }, { at });

    expect(time).toBe(expected);
  });
});

describe('the newest message', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  test.each([
    ['is never moved back by older lines', ['2026-03-02T07:00:00Z', '2026-03-01T07:00:00Z'], '2026-03-02T07:00:00Z'],
    ['is never later than now', ['2031-03-02T07:00:00Z'], '2026-03-02T08:00:00Z'],
    ['is the time of reading where lines have none', ['never'], '2026-03-02T08:00:00Z'],
  ])('%s', async (_what, times, expected) => {
    await rig.write('app.log', times.map((time) => `${JSON.stringify({ time })}\n`).join(''));
    const events = [{ flow: 'invoices', partner: 'chuv', stage: 'received' }];
    await rig.start({ kind: 'log', files: ['app.log'], format: 'json', from: 'start', events });

    await rig.look();

    const newest = rig.value('flow_last_message_timestamp_seconds', { partner: 'chuv', stage: 'received' });
    expect(newest).toBe(Date.parse(expected) / 1000);
  });
});
