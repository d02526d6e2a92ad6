// `vigie report`: the statistics of flows over a period, from Prometheus. GM10, NE11.

import { intended, observed } from '../conventions.js';
import { systemClock } from '../domain/clock.js';
import { suggest } from '../domain/suggest.js';
import { PrometheusError, type Prometheus } from '../prometheus/client.js';
import { LONGEST, SHORTEST } from '../report/ask.js';
import { checkZone, PeriodError, readMoment, showMoment, type Period } from '../report/period.js';
import { DIMENSIONS, makeReport } from '../report/report.js';
import { FORMATS, notes, show, showAlerts } from '../report/show.js';
import { readOptions, UsageError, type Command } from './command.js';
import { openPrometheus, prometheusOptions, prometheusUsage } from './prometheus-options.js';

export const command: Command = {
  summary: 'the statistics of flows over a period, from Prometheus',
  usage: `usage: vigie report --prometheus URL [options]
  --from TIME       2026-11-01, 2026-11-01T06:00 or 30d (that long ago) (default: 30d)
  --to TIME         likewise, or now (default: now)
  --timezone ZONE   of dates (default: UTC)
  --by WHAT         flow, partner, team or env (default: flow)
  --format FORMAT   md, csv or json (default: md)
  --alerts          with csv: the most recurrent alerts in place of the flows
${prometheusUsage}`,

  async run(args) {
    const { values, positionals } = readOptions(args, {
      ...prometheusOptions,
      from: { type: 'string', default: '30d' },
      to: { type: 'string', default: 'now' },
      timezone: { type: 'string', default: 'UTC' },
      by: { type: 'string', default: 'flow' },
      format: { type: 'string', default: 'md' },
      alerts: { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new UsageError(`what is "${positionals.join(' ')}"? Times go with --from and --to`);
    const by = choose('by', values.by, DIMENSIONS);
    const format = choose('format', values.format, FORMATS);
    if (values.alerts && format !== 'csv') throw new UsageError('--alerts: goes with --format csv; the others tell of them anyway');
    const { timezone } = values;
    const period = readPeriod(values);
    const prometheus = openPrometheus(values);
    if (!prometheus) throw new UsageError('--prometheus is missing: where Prometheus answers, e.g. http://127.0.0.1:9090');
    try {
      const report = await makeReport(prometheus, period, by);
      if (!report) {
        process.stderr.write(`vigie report: ${await nothingOf(prometheus, period, timezone)}\n`);
        return 1;
      }
      process.stdout.write(values.alerts ? showAlerts(report) : show(report, format, timezone));
      // A program that reads CSV gets no sentences; who runs it does.
      if (format === 'csv') for (const note of notes(report, timezone)) process.stderr.write(`vigie report: ${note}\n`);
      for (const warning of prometheus.warnings) process.stderr.write(`vigie report: Prometheus warns: ${warning}\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof PrometheusError)) throw error;
      process.stderr.write(`vigie report: ${error.message}\n`);
      return 1;
    }
  },
};

function choose<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new UsageError(`--${option} ${value}: must be one of ${known.join(', ')}${suggest(value, known)}`);
  return found;
}

function readPeriod(values: { readonly from: string; readonly to: string; readonly timezone: string }): Period {
  const now = systemClock.now();
  const moment = (option: 'from' | 'to') => {
    try {
      return readMoment(values[option], now, values.timezone);
    } catch (error) {
      if (error instanceof PeriodError) throw new UsageError(`--${option}: ${error.message}`);
      throw error;
    }
  };
  try {
    checkZone(values.timezone);
  } catch (error) {
    if (error instanceof PeriodError) throw new UsageError(`--timezone: ${error.message}`);
    throw error;
  }
  const [from, to] = [moment('from'), Math.min(moment('to'), readMoment('now', now, values.timezone))];
  if (to - from < SHORTEST)
    throw new UsageError(`--from ${values.from} --to ${values.to}: must be an hour at least, and not begin in the future`);
  if (to - from > LONGEST) throw new UsageError(`--from ${values.from} --to ${values.to}: must be no more than 400 days`);
  return { from, to };
}

/** Why there is no report, as far as it can be told. */
async function nothingOf(prometheus: Prometheus, { from, to }: Period, timezone: string): Promise<string> {
  const [now] = await prometheus.query(`count({__name__=~"${observed.messages.name}|${intended.flow.name}"})`);
  const what = `Prometheus at ${prometheus.url} has nothing of flows from ${showMoment(from, timezone)} to ${showMoment(to, timezone)} (${timezone})`;
  return now
    ? `${what}. It has now: it was not there yet, or keeps its data no longer than --storage.tsdb.retention.time says.`
    : `${what}, and has nothing of them now either: does it scrape the exporters of Vigie?`;
}
