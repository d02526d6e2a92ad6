// The options by which commands reach a Prometheus.

import { parseDuration } from '../domain/duration.js';
import type { Secret } from '../domain/secret.js';
import { Prometheus, PrometheusError, type Credentials } from '../prometheus/client.js';
import { UsageError } from './command.js';

/** For `readOptions`. */
export const prometheusOptions = {
  prometheus: { type: 'string' },
  token: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  timeout: { type: 'string' },
} as const;

/** For the usage of a command. */
export const prometheusUsage = `  --prometheus URL  where Prometheus answers, with the prefix of its path, if it has one: https://monitoring.example.org/prometheus
  --token WHERE     its bearer token: env:NAME or file:PATH; a secret itself does not belong on a command line
  --user NAME       its user, with --password
  --password WHERE  of that user: env:NAME or file:PATH
  --timeout TIME    how long one answer may take (default: 30s)`;

type Values = { readonly [Name in keyof typeof prometheusOptions]?: string | undefined };

/** @returns undefined where no Prometheus is named. @throws UsageError */
export function openPrometheus(values: Values): Prometheus | undefined {
  const { prometheus: url, timeout } = values;
  if (url === undefined) {
    const useless = (['token', 'user', 'password', 'timeout'] as const).find((name) => values[name] !== undefined);
    if (useless !== undefined) throw new UsageError(`--${useless}: says how to ask a Prometheus, so --prometheus is missing`);
    return undefined;
  }
  const ms = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && !ms) throw new UsageError(`--timeout ${timeout}: must be a duration, e.g. 30s`);
  try {
    return new Prometheus({ url, credentials: readCredentials(values), timeout: ms });
  } catch (error) {
    if (error instanceof PrometheusError) throw new UsageError(`--prometheus: ${error.message}`);
    throw error;
  }
}

function readCredentials({ token, user, password }: Values): Credentials | undefined {
  if (token !== undefined && (user !== undefined || password !== undefined)) throw new UsageError('--token and --user exclude each other');
  if (token !== undefined) return { token: readReference('token', token) };
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined) throw new UsageError('--user and --password belong together');
  return { user, password: readReference('password', password) };
}

/** What is no reference may be the secret itself: it is not shown. */
function readReference(option: string, text: string): Secret {
  const { how, where = '' } = /^(?<how>env|file):(?<where>.+)$/.exec(text)?.groups ?? {};
  if (how === 'env') return { env: where };
  if (how === 'file') return { file: where };
  throw new UsageError(`--${option}: must say where it is kept: env:NAME or file:PATH`);
}
