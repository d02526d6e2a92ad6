// Rules of a log source: which lines they take, and what they make of their fields.

import type { LogOptions } from '../../../src/sources/log/schema.js';
import { counting, Rig } from './rig.js';

const everything = { flow: 'invoices', partner: 'chuv', stage: 'received' } as const;

describe('rules of a log source', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  async function read(options: Partial<LogOptions>, text: string, name = 'app.log'): Promise<void> {
    await rig.follow({ kind: 'log', files: ['*.log*'], format: 'text', ...options });
    await rig.append(name, text);
    await rig.look();
  }

  test('numbers without bound are malformed, and those that add up to more than there are keep nothing from being counted', async () => {
    await read(
      { format: 'json', events: [{ ...everything, bytes: 'size GB' }], metrics: [{ name: 'app_sum_total', help: 'Sum.', value: 'size' }] },
      '{"size":1.7e308}\n{"size":1.7e308}\n{"size":2}\n',
    );
    await rig.look();

    expect(rig.received).toBe(3);
    expect(rig.lines('malformed')).toBe(2);
    expect(rig.value('flow_message_bytes_total')).toBe(2e9);
    expect(rig.value('app_sum_total')).toBe(Number.MAX_VALUE);
  });

  describe('match', () => {
    test('finds its lines in text, and its groups are fields of the rule', async () => {
      await read(
        {
          events: [
            {
              match: 'sent (?<size>\\d+) bytes to (?<partner>\\w+) in (?<took>\\d+) ms',
              flow: 'invoices',
              stage: 'answered',
              bytes: 'size',
              duration: 'took ms',
            },
          ],
        },
        'noise\nsent 120 bytes to chuv in 250 ms\nsent 30 bytes to hug in 90 ms\n',
      );

      expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'ok' })).toBe(1);
      expect(rig.value('flow_message_bytes_total', { partner: 'chuv' })).toBe(120);
      expect(rig.value('flow_stage_duration_seconds', { partner: 'chuv' })).toBe(1);
      expect(rig.lines('matched')).toBe(2);
      expect(rig.lines('unmatched')).toBe(1);
    });

    test('sees the whole record, whatever its format', async () => {
      await read({ format: 'json', events: [{ ...everything, match: '"event":"(?:in|out)"' }] }, '{"event":"in"}\n{"event":"up"}\n');

      expect(rig.received).toBe(1);
    });

    test('of several events, the first that fits takes the line, whichever literals are in it', async () => {
      const events = ['alpha (?<id>\\d+)', 'alpha', 'gamma', 'beta'].map((match, index) => ({
        ...everything,
        match,
        outcome: index === 0 ? 'error' : 'ok',
      }));

      await read({ events }, 'beta alpha 7\nalpha x beta\ngammabeta\ndelta\n');

      expect(rig.value('flow_messages_total', { stage: 'received', partner: 'chuv', outcome: 'error' })).toBe(1);
      expect(rig.received).toBe(2);
      expect(rig.lines('unmatched')).toBe(1);
    });

    test('knows building blocks', async () => {
      await read(
        {
          metrics: [
            {
              name: 'logins_total',
              help: 'Logins.',
              match: 'Accepted %{word:how} for %{word:account} from %{ip:address}',
              labels: ['how'],
            },
          ],
        },
        'sshd[1]: Accepted publickey for vigie from 192.0.2.7 port 1\nsshd[1]: Accepted publickey for vigie from nowhere\n',
      );

      expect(rig.value('logins_total', { how: 'publickey' })).toBe(1);
    });
  });

  test('groups of a condition are fields too', async () => {
    await read(
      {
        format: 'json',
        events: [{ when: { message: { matches: '^partner (?<partner>\\w+) done' } }, flow: 'invoices', stage: 'received' }],
      },
      '{"message":"partner hug done"}\n{"message":"nobody"}\n',
    );

    expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'ok' })).toBe(1);
    expect(rig.lines('unmatched')).toBe(1);
  });

  test('fields come from the name of the file', async () => {
    await read(
      { file_name: '/(?<partner>[a-z]+)-\\d+\\.log', events: [{ flow: 'invoices', stage: 'received' }] },
      'one\ntwo\n',
      'hug-17.log',
    );

    expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'ok' })).toBe(2);
  });

  test('NE5: noise is left out by ignore, and counted', async () => {
    await read(
      { format: 'logfmt', ignore: [{ match: 'GET /health' }, { when: { level: 'debug' } }], level: 'level', events: [everything] },
      'level=info msg="GET /health"\nlevel=debug a=1\nlevel=warn a=2\n',
    );

    expect(rig.lines('ignored')).toBe(2);
    expect(rig.received).toBe(1);
    expect(rig.value('vigie_log_level_lines_total', { level: 'warning' })).toBe(1);
    expect(rig.value('vigie_log_level_lines_total', { level: 'debug' })).toBe(0);
  });

  test('NE5: values become base units, labels are mapped', async () => {
    await read(
      {
        format: 'logfmt',
        metrics: [
          { name: 'took_seconds', help: 'Time.', type: 'histogram', buckets: [0.1, 1], value: 'took ms' },
          { name: 'load_ratio', help: 'Load.', value: 'load %' },
          {
            name: 'read_bytes_total',
            help: 'Bytes.',
            value: 'size KiB',
            labels: [{ label: 'kind', from: 'verb', map: { GET: 'read' }, otherwise: 'write' }],
          },
        ],
      },
      'took=250 load=42 size=2 verb=GET\ntook=50 load=40 size=1 verb=PUT\ntook=x load=41 size=-1\n',
    );

    expect(rig.series('took_seconds').map(({ value }) => value)).toEqual([
      expect.objectContaining({ cumulative: [1, 2], sum: expect.closeTo(0.3), count: 2 }),
    ]);
    expect(rig.value('load_ratio')).toBeCloseTo(0.41);
    expect(rig.value('read_bytes_total', { kind: 'read' })).toBe(2048);
    expect(rig.value('read_bytes_total', { kind: 'write' })).toBe(1024);
    expect(rig.lines('malformed')).toBe(1);
  });

  test('GM5: formats are read into one schema: CSV with a header, CSV with columns, a field that is read further', async () => {
    const events: LogOptions['events'] = [
      { flow: 'invoices', stage: 'received', outcome: { from: 'status', map: { KO: 'error' }, otherwise: 'ok' } },
    ];
    await rig.write('old.log', 'partner,status\nhug,OK\n');
    await rig.follow({ kind: 'log', files: ['*.log'], format: 'csv', events });
    await rig.append('old.log', 'chuv,KO\n');
    await rig.append('new.log', 'status,partner\nOK,chuv\n');
    await rig.look();

    expect(rig.value('flow_messages_total', { partner: 'chuv', outcome: 'error' })).toBe(1);
    expect(rig.received).toBe(1);
    expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'ok' })).toBe(0);

    await rig.start({ kind: 'log', files: ['*.txt'], from: 'start', format: { csv: ['partner', 'status'], separator: ';' }, events });
    await rig.append('a.txt', 'hug;"O;K"\nhug\n');
    await rig.look();

    expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'ok' })).toBe(1);
    expect(rig.lines('malformed')).toBe(1);

    await rig.start({
      kind: 'log',
      files: ['*.msg'],
      from: 'start',
      format: { regex: '^\\S+ (?<message>.*)$', message: 'logfmt' },
      events,
    });
    await rig.append('a.msg', '09:00 partner=hug status=KO\n');
    await rig.look();

    expect(rig.value('flow_messages_total', { partner: 'hug', outcome: 'error' })).toBe(1);
  });

  test('GM5: what is not declared counts as other, and its values are told', async () => {
    await read(
      { ...counting, files: ['*.log*'], events: [{ stage: 'received' }] },
      '{"flow":"invoices","partner":"nobody"}\n{"flow":"secret","partner":"hug"}\n{"flow":"invoices","partner":"chuv"}\n',
    );

    expect(rig.value('flow_messages_total', { flow: 'invoices', partner: 'other', outcome: 'ok' })).toBe(1);
    expect(rig.value('flow_messages_total', { flow: 'other', partner: 'hug', outcome: 'ok' })).toBe(1);
    expect(rig.received).toBe(1);
    expect(rig.undeclared).toEqual(['partner nobody', 'flow secret']);
  });

  test('GM4, CE5: the exemplar of a message that is done names its id, and the trace of the line that completed it', async () => {
    const sent = '{"event":"sent","id":"m-1","trace":"a1"}\n';
    const done = '{"event":"done","id":"m-1","trace":"b2"}\n';
    const correlation = { stage: 'processed', flow: 'invoices', partner: 'chuv', start: { when: { event: 'sent' } } } as const;
    const options: LogOptions = {
      kind: 'log',
      files: ['*.log*'],
      format: 'json',
      id: 'id',
      trace_id: 'trace',
      correlations: [{ ...correlation, end: { when: { event: 'done' }, outcome: 'ok' } }],
    };

    await read(options, sent + done);

    const [messages] = rig.series('flow_messages_total', { stage: 'processed', partner: 'chuv', outcome: 'ok' });
    expect(messages).toMatchObject({ value: 1, exemplar: { labels: { trace_id: 'b2', correlation_id: 'm-1' } } });

    await rig.append('app.log', (done + sent).replaceAll('m-1', 'm-2'));
    await rig.look();

    const [later] = rig.series('flow_messages_total', { stage: 'processed', partner: 'chuv', outcome: 'ok' });
    expect(later).toMatchObject({ value: 2, exemplar: { labels: { trace_id: 'a1', correlation_id: 'm-2' } } });
  });

  test('times that cannot be right are counted, and never moved beyond now', async () => {
    const now = rig.clock.now();
    const iso = (ms: number) => new Date(now + ms).toISOString();

    await read(
      { ...counting, files: ['*.log*'], time: { field: 'at', max_age: '1d' } },
      [iso(3_600_000), iso(-2 * 86_400_000), 'yesterday', iso(-60_000)].map((at) => `${JSON.stringify({ at })}\n`).join(''),
    );

    expect(rig.value('vigie_log_implausible_times_total', { reason: 'future' })).toBe(1);
    expect(rig.value('vigie_log_implausible_times_total', { reason: 'past' })).toBe(1);
    expect(rig.value('vigie_log_implausible_times_total', { reason: 'unreadable' })).toBe(1);
    expect(rig.value('flow_last_message_timestamp_seconds', { partner: 'chuv', stage: 'received' })).toBe(rig.clock.now() / 1000);
    expect(rig.received).toBe(4);
  });
});
