// `vigie explain <flow>`: the intentions of a flow as they were read, what is due next, which rules apply, and what Prometheus says of it.

import { placements, type Placement } from '../catalog/intentions.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/model.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { isDate, MINUTES_PER_DAY, readTime } from '../domain/calendar-declaration.js';
import { dayOf, MS_PER_DAY } from '../domain/calendar-schedule.js';
import { suggest } from '../domain/suggest.js';
import { momentOf } from '../domain/wall-time.js';
import { describeFlow } from '../explain/declared.js';
import { explainPlacement, nowLines, pastLines, sectionLines, type Explanation } from '../explain/text.js';
import { toldBefore, toldNow } from '../explain/told.js';
import { count, stretch } from '../explain/words.js';
import { PrometheusError, type Prometheus } from '../prometheus/client.js';
import { SourceError } from '../sources/kind.js';
import { readOptions, UsageError, type Command } from './command.js';
import { print } from './ending.js';
import { openPrometheus, prometheusOptions, prometheusUsage } from './prometheus-options.js';
import { visibleLines } from './visible.js';

const DEFAULT_DAYS = 7;
const MOST_DAYS = 366;
/** Beyond them lie dates that cannot be written, and no public holidays are known. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2999;

export const command: Command = {
  summary: 'Tell what a flow should be like, what is due next, which alerts may tell of it, and what Prometheus says.',
  usage: `usage: vigie explain <flow> [--env E] [--config FILE] [--at TIME] [--prometheus URL [--days N]]

  --config FILE     the YAML (default: ${DEFAULT_CONFIG_FILE})
  --env E           only in this environment (default: in each in which it runs)
  --at TIME         as of this time: 2026-12-01, "2026-12-01 22:00" in the zone of its calendar, or 2026-12-01T22:00Z (default: now)
  --days N          how many days back Prometheus is asked which alerts fired (default: ${DEFAULT_DAYS}, at most ${MOST_DAYS})
${prometheusUsage}

Without --prometheus nothing but the YAML is read. With it: which alerts on the flow, and on the endpoints that it depends on, fire or are
pending, and how often they fired in the past days. That is what Prometheus has recorded: nothing is evaluated anew, so that rules and bounds
which are new have no past, and days beyond its retention are empty.`,

  async run(args) {
    const { values, positionals } = readOptions(args, {
      config: { type: 'string' },
      env: { type: 'string' },
      at: { type: 'string' },
      days: { type: 'string' },
      ...prometheusOptions,
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) throw new UsageError('name one flow');
    const prometheus = openPrometheus(values);
    if (values.days !== undefined && !prometheus) throw new UsageError('--days: asks Prometheus for the past, so --prometheus is missing');
    const days = readDays(values.days);
    const { config, diagnostics } = await loadConfig(values.config ?? DEFAULT_CONFIG_FILE);
    if (!config) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      return refuse(errors.map(formatDiagnostic).join('\n'));
    }
    const flow = config.flows.find((one) => one.name === name);
    if (!flow) {
      return refuse(
        `${config.file}: no flow "${name}"${suggest(
          name,
          config.flows.map((one) => one.name),
        )}`,
      );
    }
    const wanted = placements(config).filter((one) => one.flow === flow && (values.env === undefined || one.env === values.env));
    if (wanted.length === 0) return refuse(`flow "${name}" does not run in "${values.env}"${suggest(values.env ?? '', flow.environments)}`);
    const blocks = [describeFlow(flow, new Map(config.partners.map((partner) => [partner.name, partner.title])))];
    const problem = await fill(blocks, { config, wanted, at: values.at, prometheus, days });
    await print(text(blocks));
    return problem === undefined ? 0 : refuse(problem);
  },
};

interface Question {
  readonly config: Config;
  readonly wanted: readonly Placement[];
  readonly at: string | undefined;
  readonly prometheus: Prometheus | undefined;
  readonly days: number;
}

/** Adds what there is to say, as far as it can be found out. @returns why that is not all; undefined where it is */
async function fill(blocks: string[][], { config, wanted, at, prometheus, days }: Question): Promise<string | undefined> {
  try {
    for (const placement of wanted) {
      const zone = placement.calendar === undefined ? 'UTC' : (config.calendars[placement.calendar]?.timezone ?? 'UTC');
      const now = at === undefined ? Date.now() : readMoment(at, zone);
      const explanation = await explainPlacement(config, placement, now);
      const block = [...explanation.lines];
      blocks.push(block);
      if (prometheus) block.push(...(await told(prometheus, explanation, now, days)));
    }
    return undefined;
  } catch (error) {
    if (error instanceof PrometheusError || error instanceof SourceError) return error.message;
    throw error;
  }
}

function text(blocks: readonly (readonly string[])[]): string {
  return `${visibleLines(blocks.map((lines) => lines.join('\n')).join('\n\n'))}\n`;
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

/** @throws PrometheusError */
async function told(prometheus: Prometheus, { question, zone }: Explanation, now: number, days: number): Promise<string[]> {
  const [rules, alerts, past] = await Promise.all([
    prometheus.rules(),
    toldNow(prometheus, question, now),
    toldBefore(prometheus, question, now - days * MS_PER_DAY, now),
  ]);
  const hasRules = rules.some(({ name, type }) => type === 'alerting' && name.startsWith('Flow'));
  const before = `In the ${count(days, 'day')} before, as recorded, looked at every ${stretch(past.step)}`;
  return sectionLines([
    [
      `Now, says ${prometheus.url}`,
      [
        ...(hasRules ? [] : ['it has none of the rules on flows: are alertmanager/rules/*.yml loaded there?']),
        ...nowLines(alerts, now, zone),
      ],
    ],
    [before, pastLines(past, zone)],
    ['It warns', [...prometheus.warnings]],
  ]);
}

/** @throws UsageError */
function readDays(written: string | undefined): number {
  if (written === undefined) return DEFAULT_DAYS;
  const days = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (!(days >= 1 && days <= MOST_DAYS)) throw new UsageError(`--days ${written}: must be a whole number from 1 to ${MOST_DAYS}, e.g. 7`);
  return days;
}

/** In milliseconds since the Unix epoch. @throws UsageError */
function readMoment(written: string, zone: string): number {
  const refusal = `--at ${written}: must be a date, with a time if you like, from ${FIRST_YEAR} to ${LAST_YEAR}, e.g. "2026-12-01 22:00" or 2026-12-01T22:00Z`;
  const year = Number(written.trim().slice(0, 4));
  if (year < FIRST_YEAR || year > LAST_YEAR) throw new UsageError(refusal);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(written) && !Number.isNaN(Date.parse(written)))
    return Date.parse(written);
  const { date = '', time = '00:00' } = /^(?<date>\S+?)(?:[ T](?<time>\d\d:\d\d))?$/.exec(written.trim())?.groups ?? {};
  const minute = readTime(time);
  if (!isDate(date) || minute === undefined || minute === MINUTES_PER_DAY) throw new UsageError(refusal);
  return momentOf(dayOf(date), minute, zone, 'first');
}
