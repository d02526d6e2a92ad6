// `maintenance:`, the planned work: its schema, what its texts mean, and what is wrong with them. EN6, EN9, EN13.

import { timezoneProblems } from '../domain/calendar.js';
import { isDate, MINUTES_PER_DAY, readTime, type Reading } from '../domain/calendar-declaration.js';
import { dateOf, dayOf } from '../domain/calendar-schedule.js';
import { readCron, shortestGap, type WallMinute } from '../domain/cron.js';
import { formatDuration, parseDuration } from '../domain/duration.js';
import { readBetween, type Examples } from '../domain/expectation-text.js';
import type { Flow } from '../domain/flow.js';
import { MAINTENANCE_KINDS } from '../domain/maintenance.js';
import type { Maintenance, MaintenanceTime } from '../domain/maintenance-windows.js';
import { suggest } from '../domain/suggest.js';
import { duration } from '../sources/schema.js';
import type { Declarations, Declared } from './declarations.js';
import { atKey, within, type Report, type Spot } from './report.js';
import type { RawMaintenance } from './schema.js';
import { asObject } from './words.js';

const nameList = { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true } as const;

export const maintenanceSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  description: 'Planned work: when it is and whom it concerns. What each kind mutes is told in tasks/maintenance.md.',
  examples: [{ kind: 'release', from: '2026-12-01 22:00', to: '2026-12-02 04:00' }],
  properties: {
    kind: {
      enum: MAINTENANCE_KINDS,
      description:
        'release: flows may stand still, nothing of them is told; reset: numbers of messages say nothing; load_test: bounds are relaxed; freeze: nothing is muted, it is only shown.',
    },
    title: { type: 'string', minLength: 1, description: 'What it is, for people. Default: its name.' },
    environments: { ...nameList, description: 'Where it is. Default: in all environments.' },
    partners: { ...nameList, description: 'Only the exchange with these partners. Default: all that is exchanged.' },
    flows: { ...nameList, description: 'Only these flows. Default: all flows of the environments and partners.' },
    from: {
      type: 'string',
      description: 'When it begins: a date and a time, "2026-12-01 22:00", or a date alone, from its midnight on. With `to`.',
      examples: ['2026-12-01 22:00'],
    },
    to: {
      type: 'string',
      description: 'When it ends: a date and a time, or a date alone, which is part of it to its end.',
      examples: ['2026-12-02 04:00', '2026-12-21'],
    },
    every: {
      type: 'string',
      description:
        'In place of `from` and `to`: two times, and on which days: "22:00-04:00 on sat", "22:00-23:00 on the first saturday of the month", "00:00-24:00 on the last day of the quarter". What ends before it begins ends on the next day.',
      examples: ['22:00-04:00 on the first saturday of the month'],
    },
    cron: {
      type: 'string',
      description: 'In place of `every`: when it begins, as a cron expression of five fields. With `for`.',
      examples: ['0 22 1 2,4,6,8,10,12 *'],
    },
    for: { ...duration, description: 'With `cron`: how long it takes.', examples: ['2h'] },
    timezone: {
      type: 'string',
      description: 'IANA time zone of the dates and times. Default: that of the calendars, where all of them have the same.',
      examples: ['Europe/Zurich'],
    },
    done: {
      type: 'string',
      description: 'Of a dated reset: the day on which it was done. Until it is there, it is reminded of from `to` on.',
      examples: ['2026-12-03'],
    },
    stage: {
      type: 'string',
      description: 'Of a dated reset: a message that passes this stage after `from` shows that it was done.',
    },
  },
} as const;

type Entry = Declared<RawMaintenance>;

/** What planned work is checked against. */
interface Surroundings {
  readonly declared: Declarations;
  /** Those that can be read. */
  readonly flows: readonly Flow[];
  /** Names of all environments, the default one included. */
  readonly environments: ReadonlySet<string>;
  /** All files and flows could be read: what is not there is not declared. */
  readonly canCross: boolean;
}

/** Reads and checks all of it. @returns what has no problem */
export function readMaintenance(surroundings: Surroundings, report: Report): Maintenance[] {
  const zone = usualZone(surroundings.declared);
  return [...surroundings.declared.maintenance.values()].flatMap((entry) => {
    const { name, spot, value } = entry;
    if (surroundings.canCross) checkScope(entry, surroundings, report);
    if (!value) return [];
    const timezone = readZone(value, spot, zone, report);
    const time = readWhen(value, spot, report);
    checkReset(value, spot, report);
    if (timezone === undefined || !time) return [];
    checkOrder(time, value, spot, report);
    const scope = { environments: value.environments, partners: value.partners, flows: value.flows };
    return [{ name, title: value.title ?? name, kind: value.kind, ...scope, time, timezone, done: value.done, stage: value.stage }];
  });
}

function readZone({ timezone }: RawMaintenance, spot: Spot, usual: Reading<string>, report: Report): string | undefined {
  if (timezone === undefined) {
    if ('value' in usual) return usual.value;
    report.error(atKey(spot), `missing key "timezone": ${usual.problem}, e.g. timezone: Europe/Zurich`);
    return undefined;
  }
  const problems = timezoneProblems(timezone);
  for (const { path, message } of problems) report.error(within(spot, ...path), message);
  return problems.length === 0 ? timezone : undefined;
}

/** That of all calendars. */
function usualZone({ calendars }: Declarations): Reading<string> {
  const zones = [...new Set([...calendars.values()].flatMap(({ raw }) => asObject(raw)['timezone'] ?? []))].map(String);
  const [zone] = zones;
  if (zone !== undefined && zones.length === 1) return { value: zone };
  return { problem: zones.length === 0 ? 'there is no calendar that tells it' : `the calendars are in several, ${zones.join(', ')}` };
}

const WAYS = [['from', 'to'], ['every'], ['cron', 'for']] as const;
const WAYS_TOLD = 'write from and to, or every, or cron and for';

/** @returns undefined where something is wrong, which is then in the report */
function readWhen(value: RawMaintenance, spot: Spot, report: Report): MaintenanceTime | undefined {
  const used = WAYS.filter((keys) => keys.some((key) => value[key] !== undefined));
  const [way, other] = used;
  if (!way) report.error(atKey(spot), `says not when it is: ${WAYS_TOLD}`);
  else if (other) report.error(atKey(within(spot, firstOf(other, value))), `is one way too many to say when it is: ${WAYS_TOLD}`);
  else {
    const missing = way.find((key) => value[key] === undefined);
    if (missing === undefined) return readTimes(value, spot, report);
    report.error(atKey(within(spot, firstOf(way, value))), `goes with "${missing}", which is missing: ${WAYS_TOLD}`);
  }
  return undefined;
}

function firstOf(keys: (typeof WAYS)[number], value: RawMaintenance): string {
  return keys.find((key) => value[key] !== undefined) ?? keys[0];
}

function readTimes({ from, to, every, cron, for: length }: RawMaintenance, spot: Spot, report: Report): MaintenanceTime | undefined {
  const read = <T>(key: string, reading: Reading<T>): T | undefined => {
    if ('value' in reading) return reading.value;
    report.error(within(spot, key), reading.problem);
    return undefined;
  };
  if (every !== undefined) return read('every', readEvery(every));
  if (cron !== undefined && length !== undefined) {
    const times = read('cron', readCron(cron));
    const seconds = read('for', readLength(length));
    if (!times || seconds === undefined) return undefined;
    const gap = shortestGap(times) * 60;
    if (seconds > gap)
      report.error(
        within(spot, 'for'),
        `"${length}" is longer than the ${formatDuration(gap * 1000)} from one to the next: it would never end`,
      );
    return { kind: 'cron', expression: cron, seconds };
  }
  const begin = read('from', readMoment(from ?? '', 0));
  const end = read('to', readMoment(to ?? '', MINUTES_PER_DAY));
  return begin === undefined || end === undefined ? undefined : { kind: 'dated', from: begin, to: end };
}

function readLength(text: string): Reading<number> {
  const ms = parseDuration(text);
  return ms ? { value: ms / 1000 } : { problem: `"${text}" leaves no time: e.g. 2h` };
}

/** Without working days, of which planned work knows nothing. */
const EVERY: Examples = {
  time: '22:00-04:00',
  days: '"sat", "mon-fri", "the 15th day of the month", "the last day of the quarter" or "the first saturday of the month"',
  texts: '"22:00-04:00 on sat"',
};

function readEvery(text: string): Reading<MaintenanceTime> {
  if (/working days?/i.test(text)) return { problem: `"${text}": planned work knows no working days: name weekdays, or days of the month` };
  const [time = ''] = text.trim().split(/\s/);
  if (readTime(time) !== undefined && !/^\s*\S+\s+[-–]/.test(text)) {
    const whole = text.replace(time, `${time}-23:59`);
    const written = 'value' in readBetween(whole, EVERY) ? `"${whole}"` : EVERY.texts;
    return { problem: `"${text}" says when it begins and not when it ends: write e.g. ${written}` };
  }
  const reading = readBetween(text, EVERY);
  if ('problem' in reading) return reading;
  const { earliest, deadline, days } = reading.value;
  return { value: { kind: 'recurring', from: earliest, to: deadline, days } };
}

/** `2026-12-01 22:00`; a date alone is as if the time stood there. @param minute after its midnight */
function readMoment(text: string, minute: number): Reading<WallMinute> {
  const { date = '', time } = /^(?<date>\S+)(?:[ T]+(?<time>\S+))?$/.exec(text.trim().replace('T', ' '))?.groups ?? {};
  if (!isDate(date)) return { problem: `"${text}" is no date: write e.g. "2026-12-01 22:00", or 2026-12-01` };
  const ofDay = time === undefined ? minute : readTime(time);
  if (ofDay === undefined) return { problem: `"${text}": times are HH:MM: write e.g. "${date} 22:00"` };
  return { value: dayOf(date) * MINUTES_PER_DAY + ofDay };
}

function checkOrder(time: MaintenanceTime, { from, to, done }: RawMaintenance, spot: Spot, report: Report): void {
  if (time.kind !== 'dated') return;
  if (time.to <= time.from) {
    report.error(within(spot, 'to'), `"${to}" is not after "${from}", when it begins`);
  } else if (done !== undefined && isDate(done) && dayOf(done) < Math.floor(time.from / MINUTES_PER_DAY)) {
    report.error(within(spot, 'done'), `"${done}" is before ${dateOf(Math.floor(time.from / MINUTES_PER_DAY))}, when it begins`);
  }
}

/** Only a dated reset is reminded of. */
function checkReset({ kind, done, stage, from }: RawMaintenance, spot: Spot, report: Report): void {
  for (const key of ['done', 'stage'] as const) {
    if ({ done, stage }[key] === undefined) continue;
    if (kind !== 'reset') report.error(atKey(within(spot, key)), `belongs to a reset, and this is a ${kind}`);
    else if (from === undefined) report.error(atKey(within(spot, key)), 'belongs to a dated reset, and this one recurs: write from and to');
  }
  if (done !== undefined && !isDate(done))
    report.error(within(spot, 'done'), `"${done}" is no date: write the day on which it was done, e.g. 2026-12-03`);
}

/** Names that nothing declares, and a scope in which there is nothing. */
function checkScope({ spot, raw }: Entry, { declared, flows, environments }: Surroundings, report: Report): void {
  const written = asObject(raw);
  const lists = [
    ['environments', 'environment', environments, declared.unreadable.has('environments')],
    ['partners', 'partner', new Set(declared.partners.keys()), declared.unreadable.has('partners')],
    ['flows', 'flow', new Set(declared.flows.keys()), declared.unreadable.has('flows')],
  ] as const;
  let isKnown = true;
  for (const [key, what, known, isUnreadable] of lists) {
    const names = Array.isArray(written[key]) ? written[key] : [];
    for (const [index, name] of names.entries()) {
      if (isUnreadable || typeof name !== 'string' || known.has(name)) continue;
      report.error(within(spot, key, index), `no ${what} "${name}"${suggest(name, known)}`);
      isKnown = false;
    }
  }
  if (!isKnown) return;
  const concerned = flows.filter((flow) =>
    lists.every(([key, what]) =>
      concerns(written[key], what === 'flow' ? [flow.name] : flow[key === 'partners' ? 'partners' : 'environments']),
    ),
  );
  const { stage } = written;
  if (concerned.length === 0) report.warning(atKey(spot), 'concerns no flow: none has these environments, partners and flows together');
  else if (typeof stage === 'string' && !concerned.some(({ stages }) => stages.includes(stage))) {
    report.error(
      within(spot, 'stage'),
      `no flow that it concerns has the stage "${stage}"${suggest(stage, new Set(concerned.flatMap(({ stages }) => stages)))}`,
    );
  }
}

function concerns(wanted: unknown, there: readonly string[]): boolean {
  return !Array.isArray(wanted) || wanted.some((name) => there.includes(String(name)));
}
