// A small reader of both formats, written from their specifications, for tests that check what was written by reading it.

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: ReadExemplar;
}

export interface ReadExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp?: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ReadSample[];
}

/** @throws Error for whatever the format does not allow */
export function parseExposition(text: string, format: 'text' | 'openmetrics'): ReadFamily[] {
  const families: ReadFamily[] = [];
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF at the end');
  let help: { name: string; text: string } | undefined;
  for (const line of lines) {
    const meta = /^# (?<word>HELP|TYPE) (?<name>\S+) (?<rest>.*)$/.exec(line)?.groups;
    if (meta?.['word'] === 'HELP') {
      help = { name: meta['name'] ?? '', text: unescape(meta['rest'] ?? '', format === 'openmetrics') };
    } else if (meta) {
      if (help?.name !== meta['name']) throw new Error(`TYPE without HELP: ${line}`);
      if (families.some(({ name }) => name === meta['name'])) throw new Error(`family twice: ${line}`);
      families.push({ name: meta['name'] ?? '', type: meta['rest'] ?? '', help: help?.text ?? '', samples: [] });
    } else {
      const family = families.at(-1);
      const sample = parseSample(line);
      if (!family || !belongs(sample.name, family, format)) throw new Error(`sample outside of its family: ${line}`);
      if (sample.exemplar && !mayHaveExemplar(sample.name, family, format)) throw new Error(`no place for an exemplar: ${line}`);
      family.samples.push(sample);
    }
  }
  return families;
}

function belongs(sample: string, { name, type }: ReadFamily, format: 'text' | 'openmetrics'): boolean {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].some((suffix) => sample === name + suffix);
  return sample === (type === 'counter' && format === 'openmetrics' ? `${name}_total` : name);
}

/** https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars */
function mayHaveExemplar(sample: string, { name, type }: ReadFamily, format: 'text' | 'openmetrics'): boolean {
  return format === 'openmetrics' && (type === 'counter' || (type === 'histogram' && sample === `${name}_bucket`));
}

const NUMBER = String.raw`(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;
const VALUE = new RegExp(`^ (?<value>${NUMBER})(?: # (?<exemplar>\\{.*))?$`, 's');
const EXEMPLAR_VALUE = new RegExp(`^ (?<value>${NUMBER})(?: (?<timestamp>\\d+(?:\\.\\d+)?))?$`);

function parseSample(line: string): ReadSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const { labels, rest } = parseLabels(line.slice(name.length), line);
  const { value, exemplar } = VALUE.exec(rest)?.groups ?? {};
  if (value === undefined) throw new Error(`no value: ${line}`);
  return { name, labels, value: toNumber(value), ...(exemplar !== undefined && { exemplar: parseExemplar(exemplar, line) }) };
}

function parseExemplar(text: string, line: string): ReadExemplar {
  const { labels, rest } = parseLabels(text, line);
  const { value, timestamp } = EXEMPLAR_VALUE.exec(rest)?.groups ?? {};
  if (value === undefined) throw new Error(`no exemplar: ${line}`);
  const characters = Array.from(Object.entries(labels).flat().join('')).length;
  if (characters > 128) throw new Error(`an exemplar of ${characters} characters: ${line}`);
  return { labels, value: toNumber(value), ...(timestamp !== undefined && { timestamp: Number(timestamp) }) };
}

/** @param text what may begin with labels @returns them, and what comes after */
function parseLabels(text: string, line: string): { labels: Record<string, string>; rest: string } {
  const labels: Record<string, string> = {};
  if (!text.startsWith('{')) return { labels, rest: text };
  let rest = text.slice(1);
  while (!rest.startsWith('}')) {
    const pair = /^(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)"(?:,(?=[a-zA-Z_])|(?=\}))/s.exec(rest);
    const { label, value } = pair?.groups ?? {};
    if (!pair || label === undefined || value === undefined) throw new Error(`no label at ${rest} in ${line}`);
    if (label in labels) throw new Error(`label twice: ${line}`);
    labels[label] = unescape(value, true);
    rest = rest.slice(pair[0].length);
  }
  return { labels, rest: rest.slice(1) };
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

function unescape(text: string, quotes: boolean): string {
  return text.replace(/\\(.)/g, (whole, character: string) => {
    if (character === 'n') return '\n';
    if (character === '\\' || (quotes && character === '"')) return character;
    throw new Error(`no escape: ${whole}`);
  });
}
