// A small reader of both formats, written from their specifications, for tests that check what was written by reading it.

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
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
      family.samples.push(sample);
    }
  }
  return families;
}

function belongs(sample: string, { name, type }: ReadFamily, format: 'text' | 'openmetrics'): boolean {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].some((suffix) => sample === name + suffix);
  return sample === (type === 'counter' && format === 'openmetrics' ? `${name}_total` : name);
}

function parseSample(line: string): ReadSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = line.slice(name.length);
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const pair = /^(?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)"(?:,(?=[a-zA-Z_])|(?=\}))/s.exec(rest);
      const { label, value } = pair?.groups ?? {};
      if (!pair || label === undefined || value === undefined) throw new Error(`no label at ${rest} in ${line}`);
      if (label in labels) throw new Error(`label twice: ${line}`);
      labels[label] = unescape(value, true);
      rest = rest.slice(pair[0].length);
    }
    rest = rest.slice(1);
  }
  if (!/^ (?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(rest)) throw new Error(`no value: ${line}`);
  return { name, labels, value: Number(rest.replace('Inf', 'Infinity')) };
}

function unescape(text: string, quotes: boolean): string {
  return text.replace(/\\(.)/g, (whole, character: string) => {
    if (character === 'n') return '\n';
    if (character === '\\' || (quotes && character === '"')) return character;
    throw new Error(`no escape: ${whole}`);
  });
}
