// How grave a line is, in six words, whatever its program calls it.

/** From the least to the gravest; `other`: a word that says nothing known. */
export const LEVELS = ['debug', 'info', 'warning', 'error', 'fatal', 'other'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * Words of syslog, log4j and logback, java.util.logging, Python, Go, .NET; letters of glog and logcat; numbers of pino and bunyan.
 * Severities of syslog (0 to 7) are left out: a program's own 1 to 5 often goes the other way round.
 */
const WORDS: Readonly<Record<Exclude<Level, 'other'>, string>> = {
  debug: 'trace debug fine finer finest verbose d 10 20',
  info: 'info notice informational information i 30',
  warning: 'warn warning w 40',
  error: 'err error severe e 50',
  fatal: 'fatal crit critical alert emerg emergency panic f 60',
};

/** Words as they are mostly written; other ways of writing are looked up in lower case. */
const KNOWN: ReadonlyMap<string, Level> = new Map(
  LEVELS.flatMap((level) =>
    level === 'other'
      ? []
      : WORDS[level]
          .split(' ')
          .flatMap((word) => [word, word.toUpperCase(), word.slice(0, 1).toUpperCase() + word.slice(1)])
          .map((word): [string, Level] => [word, level]),
  ),
);

export function isLevel(text: string): text is Level {
  return LEVELS.some((level) => level === text);
}

/** @returns `other` for what is no known word or number, and for what is absent */
export function levelOf(value: unknown): Level {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return 'other';
  return KNOWN.get(text) ?? KNOWN.get(text.trim().toLowerCase()) ?? 'other';
}

/** @param map the user's own words, just as they stand in the log; they come first */
export function createLevelReader(map: Readonly<Record<string, Level>> = {}): (value: unknown) => Level {
  const own = new Map(Object.entries(map));
  if (own.size === 0) return levelOf;
  return (value) => own.get(String(value)) ?? levelOf(value);
}
