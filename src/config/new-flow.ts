// The YAML of a new flow, and its place in a file that keeps its comments and layout.

import { isMap, isScalar, LineCounter, parseDocument, stringify, type YAMLMap } from 'yaml';

export interface FlowDraft {
  readonly name: string;
  readonly title: string;
  readonly team: string;
  readonly direction: string;
  readonly partners: readonly string[];
  readonly stages: readonly string[];
  readonly calendar: string | undefined;
  /** What there is to choose from; told in comments. */
  readonly choices: { readonly teams: readonly string[]; readonly partners: readonly string[]; readonly calendars: readonly string[] };
}

/** The lines of the block, indented as an entry of `flows:` is. */
export function renderFlow(draft: FlowDraft, indent = 2): string[] {
  const { name, title, team, direction, partners, stages, calendar, choices } = draft;
  const lines = [
    `${scalar(name)}:`,
    `  title: ${scalar(title)}`,
    `  team: ${scalar(team)}${comment('teams', choices.teams)}`,
    '  criticality: medium # low, medium, high or critical',
    `  direction: ${direction} # inbound, outbound or internal`,
    `  partners: ${list(partners)}${comment('partners', choices.partners)}`,
    `  stages: ${list(stages)} # in the order in which a message passes them`,
    calendar === undefined
      ? '  # calendar: bureau # its opening hours, from calendars; without it, always open'
      : `  calendar: ${scalar(calendar)} # its opening hours; leave it out if always open`,
    `  # runbook: https://wiki.example.org/runbooks/${name}`,
    '  bounds:',
    "    backlog: { warning: '> 100', critical: '> 1000', over: 5m } # messages waiting at a stage, for each partner",
  ];
  return lines.map((line) => ' '.repeat(indent) + line);
}

/** Inserts the flow after the last one. @returns the new text, or why there is no place for it */
export function insertFlow(text: string, draft: FlowDraft): { text: string } | { problem: string } {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  if (document.errors.length > 0) return { problem: 'the file has errors: vigie check tells them' };
  const root = document.contents;
  if (!isMap(root)) return { problem: 'the file is no block of keys' };
  const flows = root.items.find(({ key }) => isScalar(key) && key.value === 'flows');
  const { key, value } = flows ?? {};
  if (!isScalar(key)) return { text: insertAt(text, text.length, ['', 'flows:', ...renderFlow(draft)], newline) };
  if (!isMap(value) || value.flow) return { problem: 'flows: has no entries on lines of their own, to which this one could be added' };
  return { text: insertAt(text, endOf(value, text), ['', ...renderFlow(draft, columnOf(value, counter) - 1)], newline) };
}

/** The last character of the block that is no white space. */
function endOf({ range }: YAMLMap, text: string): number {
  return text.slice(0, range?.[1] ?? text.length).trimEnd().length;
}

function columnOf({ items }: YAMLMap, counter: LineCounter): number {
  const first = items[0]?.key;
  return isScalar(first) && first.range ? counter.linePos(first.range[0]).col : 3;
}

/** Inserts lines after the line in which the offset lies. */
function insertAt(text: string, offset: number, lines: readonly string[], newline: string): string {
  const next = text.indexOf('\n', offset);
  const before = next === -1 ? text : text.slice(0, next + 1);
  const separator = before === '' || before.endsWith('\n') ? '' : newline;
  return `${before}${separator}${lines.join(newline)}${newline}${next === -1 ? '' : text.slice(next + 1)}`;
}

/** Quoted where YAML would read something else, a number for example. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trim();
}

function list(words: readonly string[]): string {
  return `[${words.map(scalar).join(', ')}]`;
}

function comment(what: string, choices: readonly string[]): string {
  if (choices.length < 2) return '';
  return ` # from ${what}: ${choices.slice(0, 8).join(', ')}${choices.length > 8 ? ', …' : ''}`;
}
