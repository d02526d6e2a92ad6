// One logger for the process: JSON lines, static messages plus fields, never a secret.

import { pino, type Logger } from 'pino';

export type LogDestination = ReturnType<typeof pino.destination>;

/** Characters that wait at most while nothing can be written; what comes then is lost. */
const KEPT_CHARACTERS = 1_000_000;

/**
 * Standard error, or a file that is appended to. Where the disk is full, lines are kept and written once there is room: what watches
 * must not end of that. @throws NodeJS.ErrnoException when the file cannot be opened
 */
export function logDestination(file?: string): LogDestination {
  const destination = pino.destination({ dest: file ?? 2, sync: true, maxLength: KEPT_CHARACTERS });
  destination.on('error', () => {});
  return destination;
}

export function createLogger(
  fields: Record<string, string>,
  level = process.env['VIGIE_LOG_LEVEL'] ?? 'info',
  destination = logDestination(),
): Logger {
  return pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
