// Messages that are followed from one line to another: how long they took, how many are open, since when.

import type { LogOptions } from '../../../src/sources/log/schema.js';
import { Rig } from './rig.js';

const options = {
  kind: 'log',
  files: ['*.log'],
  format: 'json',
  id: 'id',
  correlations: [
    {
      flow: 'invoices',
      stage: 'processed',
      start: { when: { event: 'in' } },
      end: { when: { event: 'out' }, outcome: { from: 'status', map: { KO: 'error' }, otherwise: 'ok' } },
      timeout: '1h',
      max_open: 3,
    },
  ],
} as const satisfies LogOptions;

const place = { flow: 'invoices', stage: 'processed', partner: 'chuv' };

describe('a correlation', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
    await rig.follow(options);
  });
  afterEach(async () => {
    await rig.remove();
  });

  /** @param secondsAgo when the line was written */
  function line(event: 'in' | 'out', id: string, secondsAgo: number, more: object = {}): string {
    const time = new Date(rig.clock.now() - secondsAgo * 1000).toISOString();
    return `${JSON.stringify({ time, event, id, ...more })}\n`;
  }

  test('GM4: matches start and end by id, over files; the end need not say whose message it is', async () => {
    await rig.append('in.log', line('in', 'm1', 90, { partner: 'chuv' }) + line('in', 'm2', 60, { partner: 'hug' }));
    await rig.append('out.log', line('out', 'm1', 30) + line('out', 'm2', 50, { status: 'KO' }));
    await rig.look();

    expect(rig.series('flow_stage_duration_seconds', place).map(({ value }) => value)).toEqual([
      expect.objectContaining({ sum: 60, count: 1 }),
    ]);
    expect(rig.value('flow_messages_total', { ...place, outcome: 'ok' })).toBe(1);
    expect(rig.value('flow_messages_total', { ...place, partner: 'hug', outcome: 'error' })).toBe(1);
    expect(rig.value('flow_last_message_timestamp_seconds', place)).toBe(rig.clock.now() / 1000 - 30);
    expect(rig.value('vigie_log_correlations_total', { result: 'completed' })).toBe(2);
    expect(rig.lines('matched')).toBe(4);
  });

  test('finds the start of an end that was read first', async () => {
    await rig.append('a.log', line('out', 'm1', 10, { status: 'KO' }));
    await rig.look();
    await rig.append('b.log', line('in', 'm1', 40, { partner: 'chuv' }));
    await rig.look();

    expect(rig.series('flow_stage_duration_seconds', place).map(({ value }) => value)).toEqual([
      expect.objectContaining({ sum: 30, count: 1 }),
    ]);
    expect(rig.value('flow_messages_total', { ...place, outcome: 'error' })).toBe(1);
  });

  test('tells what is open, and since when', async () => {
    await rig.append('a.log', line('in', 'm1', 90, { partner: 'chuv' }) + line('in', 'm2', 60, { partner: 'chuv' }));
    await rig.look();
    expect(rig.value('flow_backlog_messages', place)).toBe(2);
    expect(rig.value('flow_backlog_oldest_timestamp_seconds', place)).toBe(rig.clock.now() / 1000 - 90);

    await rig.append('a.log', line('out', 'm1', 0));
    await rig.look();
    expect(rig.value('flow_backlog_messages', place)).toBe(1);
    expect(rig.value('flow_backlog_oldest_timestamp_seconds', place)).toBe(rig.clock.now() / 1000 - 60);

    await rig.append('a.log', line('out', 'm2', 0));
    await rig.look();
    expect(rig.value('flow_backlog_messages', place)).toBe(0);
    expect(rig.value('flow_backlog_oldest_timestamp_seconds', place)).toBe(0);
  });

  test('gives up what has been open for too long, and counts it', async () => {
    await rig.append('a.log', line('in', 'm1', 90, { partner: 'chuv' }));
    await rig.look();
    await rig.clock.advance(3_600_000);
    await rig.look();

    expect(rig.value('flow_backlog_messages', place)).toBe(0);
    expect(rig.value('flow_messages_timed_out_total', place)).toBe(1);
    expect(rig.value('vigie_log_correlations_total', { result: 'timed_out' })).toBe(1);
    expect(rig.value('flow_stage_duration_seconds', place)).toBe(0);
  });

  test('gives nothing up while the end may be in lines that are not read yet: an old log is read by its own time', async () => {
    const day = 24 * 3600;
    await rig.append('a.log', line('in', 'm1', day, { partner: 'chuv' }));
    await rig.append('a.log', line('out', 'm1', day - 60));
    await rig.look();

    expect(rig.value('flow_messages_timed_out_total', place)).toBe(0);
    expect(rig.series('flow_stage_duration_seconds', place).map(({ value }) => value)).toEqual([
      expect.objectContaining({ sum: 60, count: 1 }),
    ]);
  });

  test('follows no more than it may, and counts the rest', async () => {
    await rig.append('a.log', [1, 2, 3, 4, 5].map((n) => line('in', `m${n}`, 9, { partner: 'chuv' })).join(''));
    await rig.look();

    expect(rig.value('flow_backlog_messages', place)).toBe(3);
    expect(rig.value('vigie_log_correlations_total', { result: 'dropped' })).toBe(2);
  });

  test('counts an end whose start never comes', async () => {
    await rig.append('a.log', line('out', 'm9', 10));
    await rig.look();
    await rig.clock.advance(120_000);
    await rig.look();

    expect(rig.value('vigie_log_correlations_total', { result: 'no_start' })).toBe(1);
  });

  test('counts a line without an id as malformed', async () => {
    await rig.append('a.log', '{"event":"in","partner":"chuv"}\n');
    await rig.look();

    expect(rig.lines('malformed')).toBe(1);
  });
});
