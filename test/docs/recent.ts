// Samples of logs are old, and a log source does not believe times that lie far back: here they are moved to now, with what lies between them kept.

const DAY = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const CLOCK = String.raw`(?<clock>\d\d:\d\d:\d\d)`;

const WITH_OFFSET = /(?<date>\d{4}-\d\d-\d\d)T(?<clock>\d\d:\d\d:\d\d)(?<fraction>(?:\.\d+)?)(?<offset>Z|[+-]\d\d:\d\d)/g;

/** Times of day stay as they are, since what zone they are of is not known here. */
interface Local {
  readonly pattern: RegExp;
  readonly write: (date: Date, clock: string) => string;
}

const pad = (number: number, filler: string) => String(number).padStart(2, filler);
const monthOf = (date: Date) => MONTHS[date.getUTCMonth()] ?? '';

const LOCAL: readonly Local[] = [
  {
    pattern: /(?<year>\d{4})-(?<number>\d\d)-(?<day>\d\d) (?<clock>\d\d:\d\d:\d\d)/g,
    write: (date, clock) => `${date.toISOString().slice(0, 10)} ${clock}`,
  },
  {
    pattern: new RegExp(String.raw`\w{3} ${MONTH} (?<day>[ \d]\d) ${CLOCK} (?<year>\d{4})`, 'g'),
    write: (date, clock) => `${DAYS[date.getUTCDay()]} ${monthOf(date)} ${pad(date.getUTCDate(), ' ')} ${clock} ${date.getUTCFullYear()}`,
  },
  {
    pattern: new RegExp(String.raw`(?<day>\d\d)/${MONTH}/(?<year>\d{4}):${CLOCK}`, 'g'),
    write: (date, clock) => `${pad(date.getUTCDate(), '0')}/${monthOf(date)}/${date.getUTCFullYear()}:${clock}`,
  },
  {
    pattern: new RegExp(String.raw`^${MONTH} (?<day>[ \d]\d) ${CLOCK}`, 'gm'),
    write: (date, clock) => `${monthOf(date)} ${pad(date.getUTCDate(), ' ')} ${clock}`,
  },
];

/**
 * The text with its newest time moved to now, where times tell their offset; else by whole days to the last two days.
 * @param now milliseconds since the Unix epoch
 */
export function recent(text: string, now: number): string {
  const instants = [...text.matchAll(WITH_OFFSET)].map(([whole]) => Date.parse(whole));
  if (instants.length > 0) return moveInstants(text, now - Math.max(...instants));
  const local = LOCAL.find(({ pattern }) => text.search(pattern) >= 0);
  return local ? moveDays(text, local, now) : text;
}

function moveInstants(text: string, by: number): string {
  return text.replace(WITH_OFFSET, (whole, ...rest) => {
    const { fraction = '', offset = 'Z' }: Record<string, string> = rest.at(-1);
    const ahead = offset === 'Z' ? 0 : Date.parse('1970-01-01T00:00:00Z') - Date.parse(`1970-01-01T00:00:00${offset}`);
    const moved = new Date(Date.parse(whole) + by + ahead).toISOString();
    return `${moved.slice(0, 19)}${fraction === '' ? '' : moved.slice(19, 23)}${offset}`;
  });
}

function moveDays(text: string, { pattern, write }: Local, now: number): string {
  const newest = Math.max(...[...text.matchAll(pattern)].map(({ groups = {} }) => dateOf(groups)));
  // Yesterday: today's time of day may not have come yet.
  const days = Math.floor((now - newest) / DAY) - 1;
  return text.replace(pattern, (...all) => {
    const groups: Record<string, string> = all.at(-1);
    return write(new Date(dateOf(groups) + days * DAY), groups['clock'] ?? '');
  });
}

/** The day in milliseconds since the Unix epoch; a year that is not written is any. */
function dateOf({ year = '2001', number, month = '', day }: Readonly<Record<string, string | undefined>>): number {
  return Date.UTC(Number(year), number === undefined ? MONTHS.indexOf(month) : Number(number) - 1, Number(day));
}
