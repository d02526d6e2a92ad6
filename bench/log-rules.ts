// What is counted in the bench of logs, said once, and in the words of Vigie and of mtail.

/** A counter that lines of one kind move. */
export interface Count {
  readonly name: string;
  readonly help: string;
  /** Named groups of the pattern. */
  readonly labels: readonly string[];
  /** The group that it grows by; by 1 where there is none. */
  readonly value?: string;
}

/** Lines of one kind, and what they move. A line is of one kind at most. */
export interface Rule {
  /** With groups as JavaScript names them, and nothing that means another thing in RE2. */
  readonly pattern: string;
  readonly counts: readonly Count[];
}

/** A counter with its labels, as it stands at the end. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What every line begins with. Every field has a name, as people write such patterns; which of them are counted is another matter, and
 * who leaves out the others may do so.
 */
const START = '^(?<time>\\S+) (?<level>\\w+) +\\[(?<thread>\\S+)\\]';

/** The lines of an exchange platform: requests, transfers, jobs. */
export const threeRules: readonly Rule[] = [
  {
    pattern: `${START} http: (?<method>[A-Z]+) (?<path>\\S+) status=(?<status>\\d+) bytes=(?<bytes>\\d+) took=(?<took>\\d+)ms`,
    counts: [
      { name: 'http_requests_total', help: 'Requests answered.', labels: ['method', 'status'] },
      { name: 'http_response_bytes_total', help: 'Bytes answered.', labels: ['method'], value: 'bytes' },
    ],
  },
  {
    pattern: `${START} transfer: partner=(?<partner>\\w+) file=(?<file>\\S+) stage=(?<stage>\\w+) result=(?<result>\\w+) size=(?<size>\\d+) in (?<took>\\d+) ms$`,
    counts: [{ name: 'transfers_total', help: 'Files transferred.', labels: ['partner', 'stage', 'result'] }],
  },
  {
    pattern: `${START} job: (?<task>\\w+) run (?<run>\\d+) finished with code (?<code>\\d+) after (?<took>[\\d.]+) s`,
    counts: [{ name: 'job_runs_total', help: 'Jobs that ended.', labels: ['task', 'code'] }],
  },
];

const NOUNS = ['invoice', 'order', 'claim', 'receipt', 'statement', 'admission', 'discharge', 'referral', 'report', 'prescription'];
const VERBS = ['import', 'export', 'archive', 'validate', 'route'];

/** What the fifty kinds of lines are told by: each has a word of its own. */
export const interfaces: readonly string[] = NOUNS.flatMap((noun) => VERBS.map((verb) => `${noun}_${verb}`));

export const fiftyRules: readonly Rule[] = interfaces.map((word, index) => ({
  pattern: `${START} ${word}: partner=(?<partner>\\w+) file=(?<file>\\S+) result=(?<result>\\w+) size=(?<bytes>\\d+) in (?<took>\\d+) ms`,
  counts: [
    { name: `${word}s_total`, help: `Messages of ${word}.`, labels: ['partner', 'result'] },
    ...(index === 0 ? [{ name: `${word}_bytes_total`, help: `Bytes of ${word}.`, labels: ['partner'], value: 'bytes' }] : []),
  ],
}));

/** The YAML of an exporter that follows this file from its start. */
export function vigieYaml(file: string, rules: readonly Rule[]): string {
  const metrics = rules.flatMap(({ pattern, counts }) =>
    counts.map(({ name, help, labels, value }) => ({ name, help, match: pattern, labels, ...(value !== undefined && { value }) })),
  );
  // JSON is YAML.
  const source = { kind: 'log', team: 'exchange', files: [file], from: 'start', interval: '1s', format: 'text', metrics };
  return JSON.stringify({ teams: { exchange: { email: 'exchange@example.org' } }, sources: { exchange: source } });
}

/**
 * Every pattern sees every line, as every metric of Vigie does.
 * @param stops after a pattern that matches; another meaning, and the same counts where a line matches one pattern at most
 */
export function mtailProgram(rules: readonly Rule[], stops: boolean): string {
  const all = rules.flatMap(({ counts }) => counts);
  const declarations = all.map(({ name, labels }) => `counter ${name} by ${labels.join(', ')}\n`);
  const blocks = rules.map(({ pattern, counts }) => {
    const re2 = pattern.replaceAll('(?<', '(?P<').replaceAll('/', '\\/');
    return `/${re2}/ {\n${counts.map(mtailStatement).join('')}${stops ? '  stop\n' : ''}}\n`;
  });
  return [...declarations, ...blocks].join('');
}

function mtailStatement({ name, labels, value }: Count): string {
  const keys = labels.map((label) => `[$${label}]`).join('');
  return `  ${name}${keys}${value === undefined ? '++' : ` += $${value}`}\n`;
}
