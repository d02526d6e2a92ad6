// One logger for the process: JSON lines, static messages plus fields, never a secret.

import { pino, type Logger } from 'pino';

export type LogDestination = ReturnType<typeof pino.destination>;

/** Standard error, or a file that is appended to. @throws NodeJS.ErrnoException when the file cannot be opened */
export function logDestination(file?: string): LogDestination {
  return pino.destination({ dest: file ?? 2, sync: true });
}

export function createLogger(
  fields: Record<string, string>,
  level = process.env['VIGIE_LOG_LEVEL'] ?? 'info',
  destination = logDestination(),
): Logger {
  return pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
