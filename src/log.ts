// One logger for the process: JSON lines on standard error, static messages plus fields, never a secret.

import { pino, type Logger } from 'pino';

export function createLogger(fields: Record<string, string>, level = process.env['VIGIE_LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: true }));
}
