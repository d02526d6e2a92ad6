// What is known of the credentials of a source without asking its server: when they expire, and whether logins are paused.

import { credentials as metrics, probing } from '../../conventions.js';
import type { Labels, Observation } from '../../domain/observation.js';
import type { Collector, SourceConfig } from '../kind.js';
import type { LoginGuard } from '../login-guard.js';
import { CREDENTIALS_COLLECTOR } from './check.js';
import type { CredentialDates, ExchangeOptions } from './schema.js';

/**
 * A collector of its own, since it has something to say while nobody can log in.
 * @param observations what the kind has to say beside
 * @returns undefined where there is nothing to say
 */
export function credentialsCollector(
  source: SourceConfig<ExchangeOptions>,
  guard: LoginGuard | undefined,
  observations: (() => readonly Observation[]) | undefined,
): Collector | undefined {
  const { interval, timeout, maxStaleness, options } = source;
  const labels: Labels = { source: source.name, kind: source.kind };
  const expiries = expiriesOf(options.credential_expires).map(([credential, time]): Observation => ({
    metric: metrics.expiry,
    labels: { ...labels, credential },
    value: time,
  }));
  if (expiries.length === 0 && !guard && !observations) return undefined;
  return {
    name: CREDENTIALS_COLLECTOR,
    interval,
    timeout,
    maxStaleness,
    collect: () =>
      Promise.resolve([
        ...expiries,
        ...(guard ? loginObservations(guard, { ...labels, account: source.name }) : []),
        ...(observations?.() ?? []),
      ]),
  };
}

function loginObservations({ state }: LoginGuard, labels: Labels): Observation[] {
  const { rejections, retryAt } = state;
  return [
    { metric: probing.loginPaused, labels, value: retryAt > 0 ? 1 : 0 },
    { metric: probing.loginRejections, labels, value: rejections },
    { metric: probing.loginRetry, labels, value: retryAt / 1000 },
  ];
}

/** In Unix seconds, by what expires. A date alone is that of the credential that there is. */
function expiriesOf(dates: CredentialDates): [string, number][] {
  const written: readonly [string, string][] = typeof dates === 'string' ? [['login', dates]] : Object.entries(dates ?? {});
  return written.map(([credential, date]) => [credential, Date.parse(`${date}T00:00:00Z`) / 1000]);
}
