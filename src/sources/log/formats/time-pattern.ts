// What a pattern of strptime says: its directives, what is wrong with it, and the regular expression of the texts that it means.

import { nearest } from '../../../domain/suggest.js';

/** What each directive stands for in a text. Numbers of two digits may lack the first, or have a blank for it. */
const DIRECTIVES = {
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]{6,9}',
  b: '[A-Za-z]{3}',
  B: '[A-Za-z]{3,9}',
  d: '3[01]|[12]\\d|[0 ]?[1-9]',
  f: '\\d{1,9}',
  H: '(?:2[0-3]|1\\d|[0 ]?\\d)',
  I: '(?:1[0-2]|[0 ]?[1-9])',
  j: '(?:36[0-6]|3[0-5]\\d|[0-2]\\d\\d)',
  L: '\\d{1,9}',
  m: '(?:1[0-2]|[0 ]?[1-9])',
  M: '[0-5]\\d',
  p: '[AaPp][Mm]',
  Q: '\\d{1,14}',
  s: '\\d{1,11}',
  S: '[0-5]\\d|60',
  y: '\\d\\d',
  Y: '\\d{4}',
  Z: 'Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?',
  '%': '%',
} as const;

type Directive = keyof typeof DIRECTIVES;

/** Other names that strftime has for the same, and its abbreviations. */
const ALIASES: Readonly<Record<string, string>> = {
  D: '%m/%d/%y',
  e: '%d',
  F: '%Y-%m-%d',
  h: '%b',
  k: '%H',
  l: '%I',
  N: '%f',
  n: '\n',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  T: '%H:%M:%S',
  t: '\t',
  z: '%Z',
};

export interface TimePattern {
  /**
   * Matches the whole text. All its groups are named: c0, c1, … hold what tells the minute, `day` is within one of them; `second`,
   * `fraction` (digits only) and `zone` hold the rest.
   */
  readonly source: string;
  /** The pattern of c0, c1, … one after the other. */
  readonly minute: string;
  readonly has: (directive: Directive) => boolean;
}

/** Flags of padding (`%-d`, `%_d`, `%0d`) say nothing when reading. */
const ABBREVIATION = /%%|%[-_0]?(?<letter>[DFNRTehklnrtz])/g;
const TOKEN = /%[-_0]?(?<directive>.)|(?<literal>[^%]+|%$)/gs;

const MARK = /\\?[.,]$/;
const SECOND = '(?<second>[0-5]\\d|60)';
const SPECIAL = /[\\^$.*+?()[\]{}|/-]/g;

const EXAMPLE = "'%d/%b/%Y:%H:%M:%S %Z' for 10/Oct/2000:13:55:36 -0700";

/** @throws SyntaxError with what is wrong and what would be right */
export function parseTimePattern(pattern: string): TimePattern {
  const builder = new Builder();
  const found = new Set<Directive>();
  for (const { groups: { directive, literal } = {} } of unabbreviated(pattern).matchAll(TOKEN)) {
    if (literal === '%') throw new SyntaxError(`"${pattern}" ends with a single %: write %% for a percent sign`);
    if (literal !== undefined) builder.literal(literal);
    if (directive === undefined) continue;
    if (!isDirective(directive)) throw unknownDirective(directive, pattern);
    const isDouble = found.has(directive) || (directive === 'f' && found.has('L')) || (directive === 'L' && found.has('f'));
    if (isDouble && directive !== '%') throw new SyntaxError(`"${pattern}" names %${directive} twice`);
    found.add(directive);
    builder.directive(directive);
  }
  const missing = missingOf(found);
  if (missing !== undefined) throw new SyntaxError(`"${pattern}" ${missing}, e.g. ${EXAMPLE}`);
  return { ...builder.build(found.has('f') || found.has('L')), has: (directive) => found.has(directive) };
}

function unabbreviated(pattern: string): string {
  return pattern.replace(ABBREVIATION, (all, letter: string | undefined) => (letter === undefined ? all : (ALIASES[letter] ?? all)));
}

/** Puts the regular expression together, and the pattern of what tells the minute. */
class Builder {
  #source = '';
  #minute = '';
  #calendars = 0;
  /** Source of the group that is open: what tells the minute, so far. */
  #open = '';

  literal(text: string): void {
    this.#minute += text;
    this.#open += text.replaceAll(SPECIAL, String.raw`\$&`);
  }

  directive(directive: Directive): void {
    const source = DIRECTIVES[directive];
    if (directive === 'S') this.#close(`(?<second>${source})`);
    else if (directive === 'Z') this.#close(`(?<zone>${source})`);
    else if (directive === 'f' || directive === 'L') this.#fraction(source);
    else {
      this.#minute += directive === '%' ? '%%' : `%${directive}`;
      this.#open += directive === 'd' ? `(?<day>${source})` : source;
    }
  }

  build(hasFraction: boolean): Pick<TimePattern, 'source' | 'minute'> {
    this.#close('');
    // Fractions that the pattern does not speak of are read too, rather than no time at all.
    const source = hasFraction ? this.#source : this.#source.replace(SECOND, String.raw`$&(?:[.,](?<fraction>\d{1,9}))?`);
    return { source: `^${source}$`, minute: this.#minute };
  }

  /** The mark before the fraction may be a point or a comma, whichever the pattern has: that depends on the machine's locale. */
  #fraction(source: string): void {
    const mark = MARK.test(this.#open);
    if (mark) {
      this.#minute = this.#minute.slice(0, -1);
      this.#open = this.#open.replace(MARK, '');
    }
    this.#close(`${mark ? '[.,]' : ''}(?<fraction>${source})`);
  }

  #close(next: string): void {
    if (this.#open !== '') this.#source += `(?<c${this.#calendars++}>${this.#open})`;
    this.#open = '';
    this.#source += next;
  }
}

function isDirective(text: string): text is Directive {
  return Object.hasOwn(DIRECTIVES, text);
}

function unknownDirective(directive: string, pattern: string): SyntaxError {
  const known = [...Object.keys(DIRECTIVES), ...Object.keys(ALIASES)].toSorted((a, b) => a.localeCompare(b, 'en'));
  const other = nearest(
    directive,
    known.filter((name) => name.toLowerCase() === directive.toLowerCase()),
  );
  const meant = other === undefined ? '' : ` (is it %${other}?)`;
  const list = known.map((name) => `%${name}`).join(' ');
  return new SyntaxError(`"${pattern}" has an unknown directive %${directive}${meant}; there is: ${list}; e.g. ${EXAMPLE}`);
}

/** A time needs a day and an hour; its year may be left to be guessed. */
function missingOf(found: ReadonlySet<Directive>): string | undefined {
  if (found.has('s') || found.has('Q')) return undefined;
  const hasMonth = found.has('m') || found.has('b') || found.has('B');
  if (!found.has('j') && !(hasMonth && found.has('d'))) return 'tells no day: it needs %m (or %b, %B) and %d, or %j';
  if (found.has('I')) return found.has('p') ? undefined : 'has hours of a half day: it needs %p beside %I';
  return found.has('H') ? undefined : 'tells no hour: it needs %H, or %I and %p';
}
