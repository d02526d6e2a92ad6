// What lines say of flows, and metrics of the user's own naming.

import type { Labels } from '../../../src/domain/observation.js';
import type { LogOptions } from '../../../src/sources/log/schema.js';
import { MAX_LABEL_SETS } from '../../../src/sources/log/counting/metrics.js';
import { counting, Rig } from './rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(async () => {
  await rig.remove();
});

/** Reads these lines, each an object. */
async function read(options: Partial<LogOptions>, ...lines: readonly object[]): Promise<void> {
  await readText(options, ...lines.map((line) => JSON.stringify(line)));
}

async function readText(options: Partial<LogOptions>, ...lines: readonly string[]): Promise<void> {
  await rig.write('app.log', lines.map((line) => `${line}\n`).join(''));
  await rig.start({ kind: 'log', files: ['app.log'], format: 'json', from: 'start', ...options });
  await rig.look();
}

function messages(labels: Record<string, string> = {}): number {
  return rig.series('flow_messages_total', labels).reduce((sum, { value }) => sum + Number(value), 0);
}

const chuv = { flow: 'invoices', partner: 'chuv', stage: 'received' };

describe('events', () => {
  test('GM5: feed the signals of the place that the fields of a line name', async () => {
    const events = [{ bytes: 'size', duration: 'took ms', outcome: { from: 'result', map: { OK: 'ok', KO: 'error' } } }];

    await read({ events }, { ...chuv, size: 100, took: 1500, result: 'OK' }, { ...chuv, size: '50', took: 500, result: 'KO' });

    const place = { ...chuv, env: 'prod' };
    expect(rig.value('flow_messages_total', { ...place, outcome: 'ok' })).toBe(1);
    expect(rig.value('flow_messages_total', { ...place, outcome: 'error' })).toBe(1);
    expect(rig.value('flow_message_bytes_total', place)).toBe(150);
    expect(rig.series('flow_stage_duration_seconds', place)[0]?.value).toMatchObject({ sum: 2, count: 2 });
    expect(rig.value('flow_last_message_timestamp_seconds', place)).toBe(rig.clock.now() / 1000);
  });

  test('read the same from named groups of a regular expression', async () => {
    const regex = '^(?<time>\\S+) (?<partner>\\w+) size=(?<size>\\d+)$';
    const events = [{ flow: 'invoices', stage: 'received', bytes: 'size' }];

    await readText({ format: { regex }, events }, '2026-03-02T07:00:00Z hug size=12', 'something else');

    expect(rig.value('flow_message_bytes_total', { partner: 'hug' })).toBe(12);
    expect(rig.value('flow_last_message_timestamp_seconds', { partner: 'hug' })).toBe(Date.parse('2026-03-02T07:00:00Z') / 1000);
    expect([rig.lines('matched'), rig.lines('unmatched')]).toEqual([1, 1]);
  });

  test('have all declared series at 0 before the first line', async () => {
    await readText({ events: [{ flow: 'invoices', bytes: 'size', duration: 'took s' }] });

    expect(rig.series('flow_messages_total')).toHaveLength(2 * 2 * 3);
    expect(rig.series('flow_message_bytes_total')).toHaveLength(4);
    expect(rig.series('flow_last_message_timestamp_seconds')).toHaveLength(4);
    expect(rig.series('flow_stage_duration_seconds')).toHaveLength(4);
    expect(messages()).toBe(0);
    expect(rig.series('vigie_log_lines_total').map(({ value, labels }) => [labels['result'], value])).toEqual([
      ['matched', 0],
      ['unmatched', 0],
      ['malformed', 0],
      ['ignored', 0],
      ['too_long', 0],
      ['abandoned', 0],
    ]);
  });

  test('take a line once: the first that it fulfils counts it', async () => {
    const events = [{ when: { kind: 'a' }, stage: 'received' }, { stage: 'processed' }];

    await read({ events }, { ...chuv, kind: 'a' }, { ...chuv, kind: 'b' });

    expect(messages({ stage: 'received' })).toBe(1);
    expect(messages({ stage: 'processed' })).toBe(1);
  });

  test('translate names by a map, and leave others as they are', async () => {
    const events = [{ ...chuv, partner: { from: 'sender', map: { 'CH-1': 'chuv' } } }];

    await read({ events }, { sender: 'CH-1' }, { sender: 'hug' });

    expect(messages({ partner: 'chuv' })).toBe(1);
    expect(messages({ partner: 'hug' })).toBe(1);
  });

  test('read nested fields, and fields whose names have dots', async () => {
    const events = [{ ...chuv, partner: { from: 'org.name' } }];

    await read({ events }, { org: { name: 'chuv' } }, { 'org.name': 'hug' }, { org: null });

    expect(messages({ partner: 'chuv' })).toBe(1);
    expect(messages({ partner: 'hug' })).toBe(1);
    expect(rig.undeclared).toEqual(['partner ']);
  });

  test.each<[string, object, string, Labels]>([
    ['flow', { ...chuv, flow: 'bills' }, 'flow bills', { flow: 'other', partner: 'chuv', stage: 'received' }],
    ['partner', { ...chuv, partner: 'nobody' }, 'partner nobody', { flow: 'invoices', partner: 'other', stage: 'received' }],
    ['stage', { ...chuv, stage: 'lost' }, 'stage lost', { flow: 'invoices', partner: 'chuv', stage: 'other' }],
    ['stage that the event leaves out', { ...chuv, stage: 'processed' }, 'stage processed', { partner: 'chuv', stage: 'other' }],
  ])('GM5: count an undeclared %s as other, and tell its value', async (_what, line, undeclared, labels) => {
    const events = [{ stages: ['received'], outcome: { from: 'result', map: { OK: 'ok' } } }];

    await read({ events }, { result: 'OK', ...line }, { result: 'OK', ...line });

    expect(rig.undeclared).toEqual([undeclared, undeclared]);
    expect(rig.value('flow_messages_total', { ...labels, outcome: 'ok' })).toBe(2);
    expect(messages()).toBe(2);
    expect(rig.series('flow_messages_total')).toHaveLength(3 * 3);
  });

  test('count no message where the outcome is none, and tell its value', async () => {
    const events = [{ stages: ['received'], outcome: { from: 'result', map: { OK: 'ok' } } }];

    await read({ events }, { result: 'MAYBE', ...chuv });

    expect(rig.undeclared).toEqual(['outcome MAYBE']);
    expect(messages()).toBe(0);
  });

  test('take other values for the outcome that `otherwise` names', async () => {
    const events = [{ outcome: { from: 'result', map: { OK: 'ok' }, otherwise: 'rejected' } }];

    await read({ events }, { ...chuv, result: 'MAYBE' }, chuv);

    expect(messages({ outcome: 'rejected' })).toBe(2);
  });

  test.each([
    ['no number', { size: 'big', took: 1 }],
    ['negative', { size: 1, took: -1 }],
    ['missing', { took: 1 }],
  ])('count a message whose value is %s, and tell that the line is malformed', async (_what, values) => {
    const events = [{ bytes: 'size', duration: 'took s' }];

    await read({ events }, { ...chuv, ...values });

    expect(messages()).toBe(1);
    expect(rig.lines('malformed')).toBe(1);
  });
});

describe('lines that are no JSON objects', () => {
  test('are malformed, and empty ones are unmatched', async () => {
    await readText(counting, '{"id":1', 'text', '[1]', '12', 'null', '', '  ', '{"id":2}');

    expect([rig.lines('malformed'), rig.lines('unmatched'), rig.lines('matched')]).toEqual([5, 2, 1]);
  });
});

describe('conditions', () => {
  test.each([
    ['equal text', { a: 'x' }, [{ a: 'x' }], [{ a: 'y' }, {}, { a: { x: 1 } }]],
    ['a number, written as one or as text', { a: 200 }, [{ a: 200 }, { a: '200' }], [{ a: 201 }]],
    ['one of several values', { a: ['x', 7] }, [{ a: 'x' }, { a: 7 }], [{ a: 'y' }, {}]],
    ['a pattern', { a: { matches: '^/api' } }, [{ a: '/api/x' }], [{ a: 'x/api' }, {}]],
    ['a field that is there', { a: true }, [{ a: 1 }, { a: '' }, { a: {} }, { a: true }], [{}, { a: null }, { a: false }]],
    ['a field that is not there', { a: false }, [{}, { a: null }, { a: false }], [{ a: 1 }]],
    ['two conditions at once', { a: 'x', b: 'y' }, [{ a: 'x', b: 'y' }], [{ a: 'x' }, { b: 'y' }]],
    ['names that every object has', { constructor: true }, [{ constructor: 1 }], [{}]],
  ])('%s', async (_what, when, fulfilled, others) => {
    await read({ events: [{ ...chuv, when }] }, ...fulfilled, ...others);

    expect(rig.lines('matched')).toBe(fulfilled.length);
    expect(rig.lines('unmatched')).toBe(others.length);
  });
});

describe('metrics of the user’s own naming', () => {
  test('grow by one or by a field, with labels from fields', async () => {
    const metrics = [
      { name: 'app_lines_total', help: 'Lines.', labels: ['level'] },
      { name: 'app_sent_bytes_total', help: 'Bytes.', value: 'size' },
      { name: 'app_queue_length', help: 'Queue.', value: 'queue', when: { queue: true } },
    ];

    await read({ metrics }, { level: 'info', size: 5, queue: 9 }, { level: 'warn', size: 7, queue: 4 }, { level: 'info', size: 1 });

    expect(rig.value('app_lines_total', { level: 'info', env: 'prod' })).toBe(2);
    expect(rig.value('app_lines_total', { level: 'warn' })).toBe(1);
    expect(rig.value('app_sent_bytes_total')).toBe(13);
    expect(rig.value('app_queue_length')).toBe(4);
  });

  test('see every line, also those that an event took', async () => {
    await read({ events: [chuv], metrics: [{ name: 'app_lines_total', help: 'Lines.' }] }, {}, {});

    expect(messages()).toBe(2);
    expect(rig.value('app_lines_total')).toBe(2);
  });

  test('exist at 0 before the first line, unless only a line can tell their labels or value', async () => {
    const metrics = [
      { name: 'app_lines_total', help: 'Lines.' },
      { name: 'app_levels_total', help: 'Lines by level.', labels: ['level'] },
      { name: 'app_queue_length', help: 'Queue.', value: 'queue' },
    ];

    await readText({ metrics });

    expect(rig.value('app_lines_total')).toBe(0);
    expect(rig.series('app_levels_total')).toEqual([]);
    expect(rig.series('app_queue_length')).toEqual([]);
  });

  test('NE5: are bounded: what has one label set too many counts as "other", over a reload too', async () => {
    const metrics = [{ name: 'app_users_total', help: 'Users.', labels: ['user'] }];
    const users = Array.from({ length: MAX_LABEL_SETS + 50 }, (_, index) => ({ user: `u${index}` }));
    await read({ metrics }, ...users);
    await rig.start({ kind: 'log', files: ['app.log'], format: 'json', metrics });
    await rig.append('app.log', '{"user":"u1"}\n{"user":"late"}\n');

    await rig.look();

    expect(rig.series('app_users_total')).toHaveLength(MAX_LABEL_SETS + 1);
    expect(rig.value('app_users_total', { user: 'other' })).toBe(51);
    expect(rig.value('app_users_total', { user: 'u1' })).toBe(2);
  });

  test('cut long label values, and repair what no exposition can carry', async () => {
    await read(
      { metrics: [{ name: 'app_lines_total', help: 'Lines.', labels: ['text'] }] },
      { text: 'x'.repeat(5000) },
      { text: '\ud800' },
    );

    expect(rig.series('app_lines_total').map(({ labels }) => labels['text'])).toEqual(['x'.repeat(200), '\uFFFD']);
  });

  test('do not fall: a negative amount is malformed', async () => {
    await read({ metrics: [{ name: 'app_sent_bytes_total', help: 'Bytes.', value: 'size' }] }, { size: 5 }, { size: -5 });

    expect(rig.value('app_sent_bytes_total')).toBe(5);
    expect(rig.lines('malformed')).toBe(1);
  });
});

describe('a pattern that backtracks without end', () => {
  test('does not stop the exporter: the line after it is counted', async () => {
    const format = { regex: '^(?<stage>(?:[a-z]+)+)$' };
    const events = [{ flow: 'invoices', partner: 'chuv' }];

    await readText({ format, events }, `${'a'.repeat(60)}!`, 'received');

    expect(messages({ stage: 'received' })).toBe(1);
  });
});
