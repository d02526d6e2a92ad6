// Opening hours as the YAML writes them, and what the words in them mean. No time zones here: hours are those of the clock on the wall.

/** Structurally the calendar of the YAML. */
export interface CalendarDeclaration {
  /** IANA name. */
  readonly timezone: string;
  /** `mon`, `mon-fri`, `sat,sun` to `07:00-19:00` or several of them; days that are not named are closed. */
  readonly open: Readonly<Record<string, string | readonly string[]>>;
  /** Region codes (`CH-VD`) and dates (`2026-12-24`) on which nothing opens. */
  readonly holidays?: readonly string[];
  /** By date: `closed`, or hours; they win over holidays. */
  readonly exceptions?: Readonly<Record<string, string | readonly string[]>>;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export const FULL_NAMES: Readonly<Record<Day, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};

export const MINUTES_PER_DAY = 1440;

/** Minutes after the midnight at which the day begins that opens them; `to` is exclusive and above 1440 where they end on the next day. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** What a piece of text means, or what is wrong with it and what would be right. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** `mon`, `mon-fri`, `fri-mon` (over the weekend), `sat,sun`. */
export function readDays(text: string): Reading<readonly Day[]> {
  const days: Day[] = [];
  for (const part of text.split(',').map((name) => name.trim())) {
    const [first = '', last, ...more] = part.split('-').map((name) => name.trim());
    if (more.length > 0) return { problem: `"${part}" must be a day or a range of days, e.g. mon-fri` };
    const unknown = [first, last].find((name) => name !== undefined && !isDay(name));
    if (unknown !== undefined) return { problem: `no day "${unknown}" (${mendDays(text)})` };
    if (first === last) return { problem: `"${part}" begins and ends on the same day: write ${first}, or mon-sun for the whole week` };
    days.push(...range(first, last ?? first));
  }
  const twice = days.find((day, index) => days.indexOf(day) !== index);
  if (twice !== undefined) return { problem: `"${text}" names ${twice} twice` };
  return { value: days };
}

/** The same days in the right form where all of them can be recognised (`Monday - fri`), else what there is. */
function mendDays(text: string): string {
  const names = text.toLowerCase().replaceAll(/[a-z]+/g, (word) => dayMeant(word) ?? word);
  const mended = names.replaceAll(/\s+/g, '');
  // Only days that are known are read again, so that this ends.
  if (mended.split(/[-,]/).every(isDay) && 'value' in readDays(mended)) return `is it "${mended}"?`;
  return `there is: ${DAYS.join(', ')}; ranges: mon-fri; lists: "sat,sun"`;
}

/** `mon` for `Mon`, `mondays`; `tue` for `tues`. */
function dayMeant(word: string): Day | undefined {
  const written = word.toLowerCase();
  return DAYS.find((day) => written.startsWith(day) && [FULL_NAMES[day], `${FULL_NAMES[day]}s`].some((name) => name.startsWith(written)));
}

/** `07:00-19:00`; `22:00-04:00` ends on the next day; `00:00-24:00` is the whole day. */
export function readHours(text: string): Reading<Hours> {
  const match = /^(?<from>\d\d:\d\d)-(?<to>\d\d:\d\d)$/.exec(text);
  const from = readTime(match?.groups?.['from'] ?? '');
  const to = readTime(match?.groups?.['to'] ?? '');
  if (from === undefined || to === undefined || from === MINUTES_PER_DAY) return { problem: `"${text}" ${mendHours(text)}` };
  if (from === to) {
    return { problem: `"${text}" begins and ends at the same time: write "00:00-24:00" for the whole day, or leave a closed day out` };
  }
  return { value: { from, to: to > from ? to : to + MINUTES_PER_DAY } };
}

/** Whether the text is a date of the Gregorian calendar, written `2026-12-24`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** `CH-VD` rather than `2026-12-24`: what the list of holidays means is told by its first letter. */
export function isRegion(holiday: string): boolean {
  return !/^\d/.test(holiday);
}

/** Minutes after midnight as `HH:MM`; times of the next day begin at 00:00 again, but the end of a day is 24:00. */
export function formatTime(minute: number): string {
  const ofDay = minute > MINUTES_PER_DAY ? minute - MINUTES_PER_DAY : minute;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
}

export function formatHours({ from, to }: Hours): string {
  return `${formatTime(from)}-${formatTime(to)}`;
}

function isDay(text: string): text is Day {
  return DAYS.some((day) => day === text);
}

function range(first: string, last: string): readonly Day[] {
  const from = DAYS.findIndex((day) => day === first);
  const to = DAYS.findIndex((day) => day === last);
  return to >= from ? DAYS.slice(from, to + 1) : [...DAYS.slice(from), ...DAYS.slice(0, to + 1)];
}

/** `07:30` is 450; undefined where the text is no time of a day (24:00 is one). */
export function readTime(text: string): number | undefined {
  const match = /^(?<hour>\d\d):(?<minute>[0-5]\d)$/.exec(text);
  const total = Number(match?.groups?.['hour']) * 60 + Number(match?.groups?.['minute']);
  return total <= MINUTES_PER_DAY ? total : undefined;
}

/** What to write instead: the same hours in the right form where they can be recognised (`7:00 - 19h30`), else an example. */
function mendHours(text: string): string {
  const mended = mendedHours(text);
  if (mended !== undefined) return `must be HH:MM-HH:MM: write "${mended}"`;
  if (text.toLowerCase() === 'closed') return 'is for exceptions: a day of the week that is closed is left out';
  return 'must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00"';
}

/** `07:00-19:30` for `7:00 - 19h30`; undefined where nothing is to be mended, or it cannot be told what is meant. */
export function mendedHours(text: string): string | undefined {
  const loose = /^\s*(\d{1,2})(?:[:h.](\d\d)?)?\s*[-–]\s*(\d{1,2})(?:[:h.](\d\d)?)?\s*$/i.exec(text);
  if (!loose) return undefined;
  const [, fromHour = '', fromMinute = '00', toHour = '', toMinute = '00'] = loose;
  const mended = `${fromHour.padStart(2, '0')}:${fromMinute}-${toHour.padStart(2, '0')}:${toMinute}`;
  return mended !== text && 'value' in readHours(mended) ? mended : undefined;
}
