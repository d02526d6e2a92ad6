// How the logs of the torture are written: encodings, line ends and formats, each with the YAML that reads it.

import { between, pick, type Chance } from '../random.js';
import type { Tally } from './tally.js';

/** Longest line in bytes that the YAML allows; those that are longer are far longer. */
export const MAX_LINE = 4096;
const LONG_TEXT = 3 * MAX_LINE;

export const PARTNERS = ['chuv', 'hug'] as const;

/** What a record says. */
export interface Message {
  readonly id: number;
  readonly writer: string;
  readonly partner: string;
  readonly status: 'OK' | 'KO';
  readonly size: number;
  readonly word: string;
  readonly text: string;
}

/** A record that is no message, and how it is counted. */
export interface Noise {
  readonly result: 'unmatched' | 'malformed' | 'too_long';
  readonly record: string | Buffer;
}

/** The next one. */
export type Others = () => string;

export interface Form {
  readonly name: string;
  readonly encoding: string;
  /** Written before the first line of a new file now and then. */
  readonly byteOrderMark?: Buffer;
  readonly lineEnds: readonly string[];
  /** Kept in a label, so that a wrong character would show. */
  readonly words: readonly string[];
  /** Keys of the source in the YAML. */
  readonly yaml: Readonly<Record<string, unknown>>;
  /** Lines of a record are separated by \n, whatever the line end in the file. */
  record(message: Message, chance: Chance): string;
  /** Written before the first record of each content. */
  readonly header?: string;
  /** Records of another kind between the messages, and what they must count. */
  readonly others?: (tally: Tally, chance: Chance) => Others;
  noise(chance: Chance): Noise;
}

const json: Form = {
  name: 'json-utf8',
  encoding: 'utf-8',
  lineEnds: ['\n', '\r\n'],
  words: ['plain', 'été', '€', '日本語', '🚀', 'a "quoted" word', '\u2028'],
  yaml: { format: 'json' },
  record: (message) => JSON.stringify({ time: now(), event: 'received', ...message }),
  noise: (chance) =>
    pick<Noise>(chance, [
      { result: 'unmatched', record: JSON.stringify({ time: now(), event: 'heartbeat', id: 1 }) },
      { result: 'malformed', record: '{"event":"received","id":' },
      { result: 'malformed', record: garbage(chance) },
      { result: 'too_long', record: JSON.stringify({ event: 'received', text: 'é'.repeat(LONG_TEXT) }) },
    ]),
};

const logfmt: Form = {
  name: 'logfmt-utf16',
  encoding: 'utf-16le',
  byteOrderMark: Buffer.from([0xff, 0xfe]),
  lineEnds: ['\r\n'],
  // Some with a byte that alone would be a line end.
  words: ['plain', 'été', '日本語', '🚀', 'Ċ', 'ਅ', 'a "quoted" word'],
  yaml: { encoding: 'utf-16le', format: 'logfmt' },
  record: (message) => logfmtLine({ time: now(), event: 'received', ...message }),
  noise: (chance) =>
    pick<Noise>(chance, [
      { result: 'unmatched', record: logfmtLine({ time: now(), event: 'heartbeat', id: 1 }) },
      { result: 'too_long', record: logfmtLine({ time: now(), event: 'received', text: 'Ċ'.repeat(LONG_TEXT) }) },
    ]),
};

const regex: Form = {
  name: 'regex-1252',
  encoding: 'windows-1252',
  lineEnds: ['\r\n'],
  words: ['plain', 'été', '€', '…', '„Zürich“', 'œuvre'],
  yaml: {
    encoding: 'windows-1252',
    format: {
      regex:
        '^(?<time>\\S+) (?<event>\\w+) id=(?<id>\\d+) writer=(?<writer>\\S+) partner=(?<partner>\\w+) status=(?<status>\\w+) size=(?<size>\\d+) word=(?<word>\\S+) (?<text>.*)$',
    },
  },
  record: (message) => sentence('received', message),
  noise: (chance) =>
    pick<Noise>(chance, [
      { result: 'unmatched', record: sentence('heartbeat', NOTHING) },
      { result: 'unmatched', record: '-- nothing to see here --' },
      { result: 'too_long', record: sentence('received', { ...NOTHING, text: 'é'.repeat(LONG_TEXT) }) },
    ]),
};

const multiline: Form = {
  name: 'multiline-8859',
  encoding: 'iso-8859-15',
  lineEnds: ['\n'],
  words: ['plain', 'été', '€', 'Žižek', 'œuvre'],
  yaml: {
    encoding: 'iso-8859-15',
    multiline: { start: '^\\d{4}-\\d\\d-\\d\\dT', max_lines: 100, timeout: '2s' },
    format: {
      regex:
        '^(?<time>\\S+) (?<event>\\w+) id=(?<id>\\d+) writer=(?<writer>\\S+) partner=(?<partner>\\w+)\\n(?:  at [^\\n]*\\n)*  end status=(?<status>\\w+) size=(?<size>\\d+) word=(?<word>\\S+)$',
    },
  },
  record: (message, chance) => stack('received', message, between(chance, 0, 30)),
  noise: (chance) => ({ result: 'unmatched', record: stack('heartbeat', NOTHING, between(chance, 0, 30)) }),
};

const COLUMNS = ['time', 'event', 'id', 'writer', 'partner', 'status', 'size', 'word', 'text'] as const;

const csv: Form = {
  name: 'csv-header',
  encoding: 'utf-8',
  byteOrderMark: Buffer.from([0xef, 0xbb, 0xbf]),
  lineEnds: ['\n', '\r\n'],
  words: ['plain', 'été', '€', '日本語', 'a, b', 'a "quoted" word', '🚀'],
  yaml: { format: 'csv' },
  header: COLUMNS.join(','),
  record: (message) => csvLine({ time: now(), event: 'received', ...message }),
  noise: (chance) =>
    pick<Noise>(chance, [
      { result: 'unmatched', record: csvLine({ time: now(), event: 'heartbeat', ...NOTHING }) },
      { result: 'unmatched', record: '' },
      { result: 'malformed', record: `${now()},received,1,nobody` },
      { result: 'too_long', record: csvLine({ time: now(), event: 'received', ...NOTHING, text: 'é'.repeat(LONG_TEXT) }) },
    ]),
};

function processed(partner: string) {
  return { flow: 'invoices', partner, stage: 'processed' };
}

/** Messages begin in one log and end in the same or the other one; some never end. */
const correlations: Form = {
  ...json,
  name: 'correlations',
  yaml: {
    format: 'json',
    correlations: [
      {
        stage: 'processed',
        flow: 'invoices',
        id: 'message',
        start: { when: { event: 'started' } },
        end: { when: { event: 'ended' }, outcome: { from: 'status', map: { OK: 'ok', KO: 'error' } } },
      },
    ],
  },
  others(tally, chance) {
    const open: { message: string; partner: string }[] = [];
    let last = 0;
    return () => {
      const [one] = open.length > 0 && chance() < 0.45 ? open.splice(between(chance, 0, open.length - 1), 1) : [];
      if (!one) {
        const started = { message: `m${++last}`, partner: pick(chance, PARTNERS) };
        open.push(started);
        tally.add('flow_backlog_messages', processed(started.partner));
        return JSON.stringify({ time: now(), event: 'started', ...started });
      }
      const status = pick(chance, ['OK', 'OK', 'KO']);
      tally.add('flow_backlog_messages', processed(one.partner), -1);
      tally.add('flow_messages_total', { ...processed(one.partner), outcome: status === 'OK' ? 'ok' : 'error' });
      tally.add('flow_stage_duration_seconds_count', processed(one.partner));
      tally.add('vigie_log_correlations_total', { correlation: 'correlations.0', result: 'completed' });
      return JSON.stringify({ time: now(), event: 'ended', message: one.message, status });
    };
  },
};

export const forms: readonly Form[] = [json, logfmt, regex, multiline, csv, correlations];

const NOTHING: Message = { id: 1, writer: 'nobody', partner: 'chuv', status: 'OK', size: 1, word: 'none', text: '' };

function sentence(event: string, { id, writer, partner, status, size, word, text }: Message): string {
  return `${now()} ${event} id=${id} writer=${writer} partner=${partner} status=${status} size=${size} word=${word} ${text}`;
}

function stack(event: string, { id, writer, partner, status, size, word }: Message, frames: number): string {
  const lines = Array.from({ length: frames }, (_, index) => `  at step ${index} of ${frames}, déjà vu`);
  return [
    `${now()} ${event} id=${id} writer=${writer} partner=${partner}`,
    ...lines,
    `  end status=${status} size=${size} word=${word}`,
  ].join('\n');
}

function csvLine(fields: Readonly<Record<(typeof COLUMNS)[number], string | number>>): string {
  return COLUMNS.map((column) => {
    const text = String(fields[column]);
    return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(',');
}

function logfmtLine(fields: Readonly<Record<string, string | number>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === 'number' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** Bytes of any value but those of line ends; not beginning like a byte order mark. */
function garbage(chance: Chance): Buffer {
  const bytes = Array.from({ length: between(chance, 1, 300) }, () => between(chance, 0, 255));
  return Buffer.from([0x80, ...bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x80 : byte))]);
}

function now(): string {
  return new Date().toISOString();
}
