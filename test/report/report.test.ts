// Reports from a real Prometheus that holds the past.

import { intended, observed, ofDuration, ofTraffic, recorded } from '../../src/conventions.js';
import { command } from '../../src/cli/report.js';
import { Prometheus } from '../../src/prometheus/client.js';
import { DAY, HOUR, MINUTE } from '../../src/report/period.js';
import { makeReport } from '../../src/report/report.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus as Server } from '../servers/prometheus.js';

const CONFIG = 'global: { scrape_interval: 15s }\n';
const FROM = Date.parse('2025-11-01T00:00:00+01:00');
const TO = Date.parse('2025-11-04T00:00:00+01:00');

/** A series with a value at each step of a period, ends included; undefined: none there. */
function series(
  name: string,
  labels: string,
  range: { from: number; to: number; step: number },
  value: (epochMs: number) => number | undefined,
) {
  const lines = [];
  for (let at = range.from; at <= range.to; at += range.step) {
    const now = value(at);
    if (now !== undefined) lines.push(`${name}{${labels}} ${now} ${at / 1000}`);
  }
  return lines.join('\n');
}

const every5m = (from: number, to: number) => ({ from, to, step: 5 * MINUTE });

const hours = ofTraffic('flow_partner_env', '1h');
const threeDays = [
  // The hour that ends where the period begins is of the day before.
  series(hours.messages.name, 'flow="tge",partner="chuv",env="prod"', every5m(FROM - DAY, TO + HOUR), (at) =>
    at <= FROM ? 20 : at > TO ? 500 : 10,
  ),
  series(hours.failed.name, 'flow="tge",partner="chuv",env="prod",outcome="error"', every5m(FROM - DAY, TO), () => 1),
  series(hours.failed.name, 'flow="tge",partner="chuv",env="prod",outcome="rejected"', every5m(FROM - DAY, TO), () => 0),
  series(hours.bytes.name, 'flow="tge",partner="chuv",env="prod"', every5m(FROM, TO), () => 1000),
  series(hours.messages.name, 'flow="tge",partner="hug",env="prod"', every5m(FROM + 5 * MINUTE, TO), () => 5),
  series(hours.messages.name, 'flow="=cmd|x",partner="hug",env="qualif"', every5m(FROM + 5 * MINUTE, TO), () => 1),
  series(ofTraffic('env', '1h').messages.name, 'env="prod"', every5m(FROM - DAY, TO), () => 1),
  series(intended.flow.name, 'flow="tge",env="prod",team="old",title="TGE"', every5m(FROM - DAY, FROM + HOUR), () => 1),
  series(intended.flow.name, 'flow="tge",env="prod",team="flux",title="Invoices"', every5m(FROM + 2 * HOUR, TO), () => 1),
  ...[
    ['1', 0.5],
    ['10', 0.9],
    ['+Inf', 1],
  ].map(([le, share]) =>
    series(ofDuration('1h').buckets.name, `flow="tge",env="prod",stage="sent",le="${le}"`, every5m(FROM, TO), () => Number(share)),
  ),
  series(ofDuration('1h').buckets.name, 'flow="tge",env="prod",stage="received",le="+Inf"', every5m(FROM, TO), () => 0),
  series(recorded.technical.name, 'flow="tge",env="prod"', every5m(FROM + 5 * MINUTE, TO), (at) => (at <= FROM + 18 * HOUR ? 0 : 1)),
  series(recorded.functional.name, 'flow="tge",env="prod"', every5m(FROM + 5 * MINUTE, TO), () => 1),
  // Twice half an hour, seen every minute by Prometheus.
  ...[10 * HOUR, 34 * HOUR].map((start) =>
    series(
      'ALERTS',
      'alertname="FlowMissed",alertstate="firing",severity="critical",flow="tge",partner="chuv",env="prod",team="flux",stage="sent"',
      { from: FROM + start + MINUTE, to: FROM + start + 30 * MINUTE, step: MINUTE },
      () => 1,
    ),
  ),
  series(
    'ALERTS',
    'alertname="FlowOutOfBounds",alertstate="firing",severity="warning",flow="tge",partner="hug",env="prod",team="flux"',
    { from: FROM + MINUTE, to: FROM + HOUR, step: MINUTE },
    () => 1,
  ),
  series(
    'ALERTS',
    'alertname="FlowMissed",alertstate="pending",severity="critical",flow="tge",partner="vd",env="prod",team="flux"',
    { from: FROM + MINUTE, to: FROM + HOUR, step: MINUTE },
    () => 1,
  ),
  series('ALERTS', 'alertname="VigieWatchdog",alertstate="firing",severity="none"', every5m(FROM, TO), () => 1),
];

const LONG_FROM = Date.parse('2025-06-01T00:00:00+02:00');
const rest = (window: '1d' | '5m') => ofTraffic('flow_partner_env', window).messages.name;
const DST_FROM = Date.parse('2025-01-20T00:00:00+01:00');
const DST_TO = Date.parse('2025-03-31T00:00:00+02:00');
/** 70 days, less the hour that is left out in spring. */
const longPeriods = [
  series(rest('1d'), 'flow="tge",partner="chuv",env="prod"', { from: DST_FROM, to: DST_TO, step: 15 * MINUTE }, () => 240),
  series(rest('5m'), 'flow="tge",partner="chuv",env="prod"', { from: DST_TO - DAY, to: DST_TO, step: MINUTE }, () => 1),
  series(ofTraffic('env', '1d').messages.name, 'env="prod"', { from: DST_FROM, to: DST_TO, step: 15 * MINUTE }, () => 1),
];

const RAW_FROM = LONG_FROM;
const everyMinute = { from: RAW_FROM + MINUTE, to: RAW_FROM + 6 * HOUR, step: MINUTE };
const minutes = (at: number) => (at - RAW_FROM) / MINUTE;
const raw = [
  series(intended.stage.name, 'flow="tge",env="prod",stage="received",instance="c"', everyMinute, () => 1),
  series(intended.stage.name, 'flow="tge",env="prod",stage="sent",instance="c"', everyMinute, () => 2),
  ...['a', 'b'].map((instance) =>
    series(
      observed.messages.name,
      `flow="tge",partner="chuv",env="prod",stage="received",outcome="ok",instance="${instance}"`,
      everyMinute,
      minutes,
    ),
  ),
  series(
    observed.messages.name,
    'flow="tge",partner="chuv",env="prod",stage="sent",outcome="ok",instance="a"',
    everyMinute,
    (at) => minutes(at) / 2,
  ),
  series(
    observed.messages.name,
    'flow="tge",partner="chuv",env="prod",stage="sent",outcome="error",instance="a"',
    everyMinute,
    (at) => minutes(at) / 10,
  ),
];

function openMetrics(all: readonly string[]): string {
  return `${all.join('\n')}\n# EOF\n`;
}

describeWith(['prometheus', 'promtool'], 'a report', () => {
  let server: Server;
  let out = '';
  let err = '';

  beforeAll(async () => {
    server = await startPrometheus(CONFIG, [], openMetrics([...threeDays, ...longPeriods, ...raw]));
  }, 120_000);

  afterAll(() => server.stop());

  beforeEach(() => {
    out = '';
    err = '';
    import.meta.jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    import.meta.jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  });

  afterEach(() => import.meta.jest.restoreAllMocks());

  const report = (...args: readonly string[]) =>
    command.run(['--prometheus', server.url, '--timezone', 'Europe/Zurich', '--from', '2025-11-01', '--to', '2025-11-04', ...args]);

  test('GM10: tells of each flow what passed, failed, how long it took and how it was judged', async () => {
    const made = await makeReport(new Prometheus({ url: server.url }), { from: FROM, to: TO }, 'flow');

    expect(made?.covered).toMatchObject({ origin: 'recorded', from: FROM, to: TO, ratio: 1 });
    expect(made?.rows.map(({ name }) => name)).toEqual(['=cmd|x', 'tge']);
    expect(made?.rows[1]).toEqual({
      name: 'tge',
      env: 'prod',
      title: 'Invoices',
      messages: 72 * 15,
      // Of the day before, which is all that there is.
      messagesBefore: 24 * 20 + 20,
      errors: 72,
      rejected: 0,
      errorRatio: 72 / (72 * 15),
      rejectRatio: 0,
      bytes: 72_000,
      p50: 1,
      p95: 10,
      p99: 10,
      slowest: 'tge/sent',
      missedDeadlines: 2,
      outOfBoundsSeconds: 3600,
      alerts: 3,
      alertsBefore: 0,
      availability: 0.75,
      inOrder: 1,
    });
  });

  test('GM10: as CSV has a line for each, guards against formulas, and says on standard error what it is of', async () => {
    expect(await report('--format', 'csv', '--by', 'flow')).toBe(0);

    const [header, formula, tge] = out.split('\r\n');
    expect(header).toBe(
      'from,to,covered,flow,env,title,messages,messages_before,errors,error_ratio,rejected,reject_ratio,bytes,p50_seconds,p95_seconds,p99_seconds,slowest_stage,missed_deadlines,out_of_bounds_seconds,alerts,alerts_before,availability,in_order',
    );
    expect(formula).toMatch(/^2025-11-01 00:00,2025-11-04 00:00,1,'=cmd\|x,qualif,,72,,/);
    expect(tge).toBe(
      '2025-11-01 00:00,2025-11-04 00:00,1,tge,prod,Invoices,1080,500,72,0.0666667,0,0,72000,1,10,10,tge/sent,2,3600,3,0,0.75,1',
    );
    expect(err).toMatch(
      /Of the period before \(2025-10-29 00:00 to 2025-11-01 00:00\) Prometheus has data of 3\d % only, from 2025-10-3\d \d\d:\d\d/,
    );
  });

  test.each([
    ['partner', ['chuv', 'hug', 'hug'], [720, 360, 72]],
    ['team', ['flux'], [1080]],
    ['env', ['prod', 'qualif'], [1080, 72]],
  ])('GM10: adds up by %s', async (by, names, messages) => {
    expect(await report('--format', 'json', '--by', by)).toBe(0);

    const { rows }: { rows: { name: string; messages?: number }[] } = JSON.parse(out);
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map((row) => row.messages)).toEqual(messages);
  });

  test('NE11: names the most recurrent alerts, for people and as CSV', async () => {
    expect(await report('--format', 'csv', '--alerts')).toBe(0);
    expect(out).toBe(
      'alert,severity,flow,env,times,seconds\r\nFlowMissed,critical,tge,prod,2,3600\r\nFlowOutOfBounds,warning,tge,prod,1,3600\r\n',
    );

    out = '';
    expect(await report()).toBe(0);
    expect(out).toContain('# Flows, 2025-11-01 00:00 to 2025-11-04 00:00 (Europe/Zurich)');
    expect(out).toMatch(
      /\| tge +\| prod +\| +1 080 \| 500 \(\+116 %\) \| 72 \(6.67 %\) \| +0 \| 72 kB \| +1 s \| 10 s \| 10 s \| +tge\/sent \|/,
    );
    expect(out).toMatch(/\| tge +\| prod +\| +2 \| +1 h \| +3 \(0\) \| +75 % \| +100 % \|/);
    expect(out).toMatch(/\| FlowMissed +\| critical \| tge +\| prod \| +2 \| +1 h \|/);
    expect(out).not.toContain('VigieWatchdog');
  });

  test('NE11: reads long periods from what is recorded by day, over a change of the clock', async () => {
    expect(await report('--from', '2025-01-20', '--to', '2025-03-31', '--format', 'json')).toBe(0);

    const { rows, covered }: { rows: { messages: number }[]; covered: { origin: string } } = JSON.parse(out);
    expect(covered.origin).toBe('recorded');
    // 69 days, and 23 hours of five minutes.
    expect(rows.map(({ messages }) => messages)).toEqual([69 * 240 + 23 * 12]);
  });

  test('reads raw counters where nothing is recorded, each message once, and says so', async () => {
    expect(await report('--from', '2025-06-01', '--to', '2025-06-01T06:00', '--format', 'json')).toBe(0);

    const { rows, notes }: { rows: { messages: number; errors: number }[]; notes: string[] } = JSON.parse(out);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.messages).toBeCloseTo(360, -1);
    expect(rows[0]?.errors).toBeCloseTo(36, 0);
    expect(notes.join('\n')).toContain('raw counters were read');
  });

  test('says which part of the period there is, and never a silent 0', async () => {
    expect(await report('--from', '2025-06-01', '--to', '2025-06-01T12:00', '--format', 'md')).toBe(0);

    expect(out).toMatch(
      /> Prometheus has data of 5\d % of the period only, from 2025-06-01 00:00 to 2025-06-01 06:\d\d: what is counted is of that\./,
    );
    expect(out).toContain('> Prometheus has nothing of the period before: there is nothing to compare with.');
    expect(out).toMatch(/\| tge +\| prod \| +\d+ \| +– \|/);
  });

  test('is none where there is nothing', async () => {
    expect(await report('--from', '2024-06-01', '--to', '2024-06-02')).toBe(1);

    expect(out).toBe('');
    expect(err).toBe(
      `vigie report: Prometheus at ${server.url} has nothing of flows from 2024-06-01 00:00 to 2024-06-02 00:00 (Europe/Zurich), and has nothing of them now either: does it scrape the exporters of Vigie?\n`,
    );
  });

  test.each([
    [['--by', 'flows'], '--by flows: must be one of flow, partner, team, env (is it "flow"?)'],
    [['--from', 'monday'], '--from: "monday" is no time: e.g. 2026-11-01, 2026-11-01T06:00, 30d (that long ago) or now'],
    [['--timezone', 'Mars'], '--timezone: "Mars" is no time zone: e.g. Europe/Zurich or UTC'],
    [['--from', '2025-11-04'], '--from 2025-11-04 --to 2025-11-04: must be an hour at least, and not begin in the future'],
    [['--alerts'], '--alerts: goes with --format csv; the others tell of them anyway'],
    [['may'], 'what is "may"? Times go with --from and --to'],
  ])('refuses %j', async (args, message) => {
    await expect(report(...args)).rejects.toThrow(message);
  });
});
