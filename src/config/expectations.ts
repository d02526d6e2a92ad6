// `expect:` of a flow: its schema, what its texts mean, and what is wrong with them (EN3, GM3).

import { parseDuration } from '../domain/duration.js';
import { readCron, shortestGap } from '../domain/cron.js';
import type { Expectation, JobDuration, Timing } from '../domain/expectation-declaration.js';
import { readBetween, readBy, readFrom } from '../domain/expectation-text.js';
import type { Flow } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import type { ConfigPath } from '../sources/kind.js';
import { duration } from '../sources/schema.js';
import { atKey, within, type Report, type Spot } from './report.js';
import { asArray, asObject, either } from './words.js';

export const expectSchema = {
  type: 'array',
  minItems: 1,
  examples: [[{ stage: 'received', by: '08:30' }]],
  description: 'What must happen and by when. Somebody is told where it does not, or too early, too late, too little, too much.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['stage'],
    examples: [{ stage: 'received', by: '08:30' }],
    properties: {
      stage: { type: 'string', description: 'The stage at which it is seen; one of `stages`.' },
      name: {
        type: 'string',
        minLength: 1,
        description: 'Its name in alerts; unique within the flow. Default: made of the stage and the time.',
      },
      partners: {
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
        uniqueItems: true,
        description: 'From which partners of the flow it is expected. Default: from each of them.',
      },
      by: {
        type: 'string',
        description:
          'The time by which a message has come, on each day on which the calendar opens: "08:30"; or on some days: "12:00 on mon,wed", "18:00 on the last working day of the month", "06:00 on the 3rd working day of the quarter", "12:00 on the first monday of the month".',
        examples: ['08:30', '18:00 on the last working day of the month'],
      },
      from: {
        type: 'string',
        description: 'With `by`: what comes before this time does not count. Default: midnight.',
        examples: ['05:00'],
      },
      between: {
        type: 'string',
        description:
          'Two times between which a message comes, on days as with `by`; before the first one it is early. "22:00-00:30" ends on the next day.',
        examples: ['06:00-08:30'],
      },
      every: { ...duration, description: 'How long the stage may be without a message while the flow is open.', examples: ['15m'] },
      cron: {
        type: 'string',
        description:
          'When a message is due as a cron expression of five fields, in the time zone of the calendar, on days on which it opens.',
        examples: ['0 6 * * 1-5'],
      },
      within: { type: 'string', description: 'With `cron`: how long after each of its times a message may come.', examples: ['30m'] },
      at_least: { type: 'integer', minimum: 1, description: 'How many messages come at least. Default 1.' },
      at_most: { type: 'integer', minimum: 0, description: 'How many messages come at most.' },
      warn: {
        ...duration,
        description: 'How long before the deadline what has not come is in jeopardy. Default: a quarter of the time there is, at most 30m.',
      },
      lasts: {
        type: 'object',
        additionalProperties: false,
        required: ['since'],
        properties: {
          since: { type: 'string', description: 'The stage at which the job begins; one of `stages`.' },
          at_least: { ...duration, description: 'It is told where the job takes less.', examples: ['30m'] },
          at_most: { ...duration, description: 'It is told where the job takes more, also while it still runs.', examples: ['3h'] },
        },
        description: 'How long a job takes that begins with a message at one stage and ends with one at another.',
        examples: [{ since: 'started', at_least: '30m', at_most: '3h' }],
      },
    },
    // Keys of objectives: told as such by the check, and shown to nobody as keys of an expectation.
    patternProperties: { '^(of|for)$': {} },
  },
} as const;

/** Tells what is wrong, at the path within the entry. */
type Tell = (path: ConfigPath, message: string) => undefined;

type Raw = Readonly<Record<string, unknown>>;

const TIMINGS = ['by', 'between', 'every', 'cron'] as const;

/** What can be read; mistakes are told by `checkExpectations`. */
export function readExpectations(rawFlow: unknown, partners: readonly string[]): Expectation[] {
  return asArray(asObject(rawFlow)['expect']).flatMap((entry) => readExpectation(asObject(entry), partners, () => undefined) ?? []);
}

/** @param hasCalendar whether one holds for the flow in each of its environments */
export function checkExpectations(spot: Spot, raw: unknown, flow: Flow, hasCalendar: boolean, report: Report): void {
  const names = new Set<string>();
  for (const [index, entry] of asArray(asObject(raw)['expect']).entries()) {
    const place = within(spot, 'expect', index);
    const tell: Tell = (path, message) => {
      const at = within(place, ...path);
      report.error(path.length > 0 && asObject(entry)[String(path[0])] === undefined ? place : at, message);
      return undefined;
    };
    const expectation = readExpectation(asObject(entry), flow.partners, tell);
    checkNames(asObject(entry), flow, tell);
    if (!expectation) continue;
    if (names.has(expectation.name))
      report.error(place, `"${expectation.name}" is expected twice: give one of the two another name, with name:`);
    names.add(expectation.name);
    const { timing } = expectation;
    if (!hasCalendar && timing && timing.kind !== 'every') {
      const key = TIMINGS.find((name) => name in asObject(entry)) ?? 'by';
      report.warning(
        atKey(within(place, key)),
        `the flow has no calendar: times are read in UTC, and each day is a working day; name one with calendar:`,
      );
    }
  }
}

function checkNames(raw: Raw, { name, stages, partners }: Flow, tell: Tell): void {
  const stageAt = (path: ConfigPath, stage: unknown) => {
    if (typeof stage === 'string' && !stages.includes(stage)) tell(path, `no stage "${stage}"${suggest(stage, stages)}`);
  };
  stageAt(['stage'], raw['stage']);
  const { since } = asObject(raw['lasts']);
  stageAt(['lasts', 'since'], since);
  if (typeof since === 'string' && since === raw['stage']) {
    tell(['lasts', 'since'], `"${since}" is the stage at which the job ends: name the one at which it begins`);
  }
  for (const [index, partner] of asArray(raw['partners']).entries()) {
    if (typeof partner === 'string' && !partners.includes(partner)) {
      tell(['partners', index], `${name} is not exchanged with "${partner}"${suggest(partner, partners)}`);
    }
  }
}

/** @returns undefined where nothing can be made of it */
function readExpectation(raw: Raw, partners: readonly string[], tell: Tell): Expectation | undefined {
  const { stage, name } = raw;
  if (typeof stage !== 'string') return undefined;
  if (raw['of'] !== undefined || raw['for'] !== undefined) {
    const share = typeof raw['for'] === 'string' ? raw['for'] : '98 %';
    tell(
      [raw['of'] === undefined ? 'for' : 'of'],
      `a share that is answered in time is an objective: write objectives: { ${stage}: { of: ${stage}, within: 4h, for: "${share}" } }`,
    );
    return undefined;
  }
  const timings = TIMINGS.filter((key) => raw[key] !== undefined);
  const [key, ...others] = timings;
  if (others.length > 0) {
    tell(
      [others[0] ?? ''],
      `${timings.join(' and ')} exclude each other: an expectation has one of by, between, every and cron; write two expectations`,
    );
    return undefined;
  }
  if (key === undefined && raw['lasts'] === undefined) {
    // One that is misspelt is told as such.
    if (Object.keys(raw).some((written) => !(written in expectSchema.items.properties))) return undefined;
    tell([], `says neither when (${either(TIMINGS)}) nor how long (lasts), e.g. { stage: ${stage}, by: "08:30" }`);
    return undefined;
  }
  const text = key === undefined ? undefined : raw[key];
  const timing = key === undefined || typeof text !== 'string' ? undefined : READERS[key](text, raw, tell);
  if (key !== undefined && !timing) return undefined;
  checkCompany(raw, key, tell);
  checkOrder(raw, tell);
  const own = asArray(raw['partners']).filter((partner) => typeof partner === 'string');
  return {
    name: typeof name === 'string' ? name : derivedName(raw, stage, key, own),
    stage,
    partners: own.length > 0 ? partners.filter((partner) => own.includes(partner)) : partners,
    timing,
    atLeast: wholeNumber(raw['at_least']),
    atMost: wholeNumber(raw['at_most']),
    warnBefore: seconds(raw['warn']),
    lasts: readLasts(raw['lasts']),
  };
}

type TimingReader = (text: string, raw: Raw, tell: Tell) => Timing | undefined;

const READERS: Readonly<Record<(typeof TIMINGS)[number], TimingReader>> = {
  by: (text, raw, tell) => {
    const by = readBy(text);
    if ('problem' in by) return tell(['by'], by.problem);
    const from = typeof raw['from'] === 'string' ? readFrom(raw['from']) : undefined;
    if (from && 'problem' in from) return tell(['from'], from.problem);
    return { kind: 'by', ...by.value, from: from?.value, earliest: undefined };
  },
  between: (text, _raw, tell) => {
    const between = readBetween(text);
    if ('problem' in between) return tell(['between'], between.problem);
    return { kind: 'by', ...between.value, from: undefined };
  },
  every: (text, _raw, tell) => {
    const interval = seconds(text);
    if (interval === undefined) return undefined;
    // Times of messages are compared in seconds: what is shorter would be late at all times.
    return interval < 1 ? tell(['every'], `"${text}" leaves no time: e.g. 15m`) : { kind: 'every', seconds: interval };
  },
  cron: (text, raw, tell) => readCronTiming(text, raw['within'], tell),
};

function readCronTiming(expression: string, written: unknown, tell: Tell): Timing | undefined {
  const times = readCron(expression);
  if ('problem' in times) return tell(['cron'], times.problem);
  if (written === undefined) {
    return tell([], 'cron needs within: how long after each of its times a message may come, e.g. within: 30m');
  }
  const allowed = seconds(written);
  const shown = typeof written === 'string' ? written : 'within';
  if (allowed === 0) return tell(['within'], `"${shown}" leaves no time: e.g. 30m`);
  if (allowed === undefined) return tell(['within'], `"${shown}" is no duration: whole numbers and their units, e.g. 30m or 1h30m`);
  const gap = shortestGap(times.value);
  if (allowed > gap * 60) {
    return tell(['within'], `"${shown}" is longer than the ${gap} minutes between two times of "${expression}": at most ${gap}m`);
  }
  return { kind: 'cron', expression, seconds: allowed };
}

const NO_MESSAGES = 'e.g. bounds: { messages: { warning: "> 0" } }';

/** Keys that mean nothing beside the others. */
function checkCompany(raw: Raw, key: (typeof TIMINGS)[number] | undefined, tell: Tell): void {
  const refuse = (name: string, why: string) => {
    if (raw[name] !== undefined) tell([name], `${name} has no place here: ${why}`);
  };
  if (key !== 'by') refuse('from', key === 'between' ? 'between says itself from when on' : 'it goes with by');
  if (key !== 'cron') refuse('within', 'it goes with cron');
  if (key !== 'every' && key !== undefined) return;
  const why = key === 'every' ? 'every expects one message each time' : 'it needs a deadline: by, between or cron';
  for (const name of ['at_least', 'at_most']) refuse(name, why);
  refuse('warn', key === 'every' ? 'every has no deadline' : why);
}

function checkOrder(raw: Raw, tell: Tell): void {
  const [least, most] = [wholeNumber(raw['at_least']), wholeNumber(raw['at_most'])];
  if (least !== undefined && most !== undefined && least > most) tell(['at_most'], `at_most ${most} is less than at_least ${least}`);
  else if (most === 0) {
    tell(
      ['at_most'],
      `at_most 0 allows no message, and by the deadline one is expected: write 1 or more; that none may come is a bound, ${NO_MESSAGES}`,
    );
  }
  for (const key of ['at_least', 'at_most'] as const) {
    if (wholeNumber(raw[key]) !== undefined && !Number.isSafeInteger(raw[key])) {
      tell([key], `${String(raw[key])} is more than can be counted: at most ${Number.MAX_SAFE_INTEGER}, e.g. ${key}: 5000`);
    }
  }
  const lasts = asObject(raw['lasts']);
  if (raw['lasts'] === undefined) return;
  const [shortest, longest] = [seconds(lasts['at_least']), seconds(lasts['at_most'])];
  if (shortest === undefined && longest === undefined) tell(['lasts'], 'needs at_least, at_most or both, e.g. at_most: 3h');
  if (shortest !== undefined && longest !== undefined && shortest > longest) {
    tell(['lasts', 'at_most'], `at_most ${String(lasts['at_most'])} is less than at_least ${String(lasts['at_least'])}`);
  }
  if (longest === 0) tell(['lasts', 'at_most'], `"${String(lasts['at_most'])}" leaves no time: e.g. 3h`);
  if (shortest === 0) tell(['lasts', 'at_least'], `no job takes less than "${String(lasts['at_least'])}": e.g. 30m, or leave it out`);
}

function readLasts(written: unknown): JobDuration | undefined {
  const { since, at_least: shortest, at_most: longest } = asObject(written);
  return typeof since === 'string' ? { since, shortest: seconds(shortest), longest: seconds(longest) } : undefined;
}

/** `received by 08:30`, `loaded since started`; with the partners, where they are named. */
function derivedName(raw: Raw, stage: string, key: string | undefined, partners: readonly string[]): string {
  const when = key === undefined ? `since ${String(asObject(raw['lasts'])['since'])}` : `${key} ${String(raw[key])}`;
  return `${stage} ${when}${partners.length > 0 ? ` (${partners.join(', ')})` : ''}`;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

function seconds(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  return ms === undefined ? undefined : ms / 1000;
}
