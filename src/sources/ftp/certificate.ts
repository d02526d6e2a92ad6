// When the certificates of the server expire: looked at apart from everything else, so that it is known also where nobody gets as far as a
// login, and renewed ones are seen although connections are kept.

import { exchangeServer } from '../../conventions.js';
import type { Clock } from '../../domain/clock.js';
import type { Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type SourceConfig } from '../kind.js';
import { CERTIFICATE_COLLECTOR } from './schema.js';

/** Certificates change a few times a year, and each look is a connection. */
const INTERVAL_MS = 15 * 60_000;
const STALE_INTERVALS = 3;

/** In Unix seconds. */
export interface CertificateTimes {
  /** Expiry of the certificate of the server. */
  readonly leaf: number;
  /** The first expiry among all that it showed. */
  readonly chain: number;
}

/** What any connection has seen last. */
export class CertificateSight {
  readonly #clock: Clock;
  #times: CertificateTimes | undefined;
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  see(times: CertificateTimes): void {
    this.#times = times;
    this.#at = this.#clock.monotonic();
  }

  /** @returns undefined where nothing was seen in this time */
  within(ms: number): CertificateTimes | undefined {
    return this.#clock.monotonic() - this.#at <= ms ? this.#times : undefined;
  }
}

/** @param look connects and shakes hands, and ends the connection; what it sees goes to the sight also where it throws */
export function certificateCollector(
  source: SourceConfig,
  clock: Clock,
  sight: CertificateSight,
  look: (signal: AbortSignal) => Promise<void>,
): Collector {
  const interval = Math.max(source.interval, INTERVAL_MS);
  return {
    name: CERTIFICATE_COLLECTOR,
    interval,
    timeout: source.timeout,
    maxStaleness: Math.max(source.maxStaleness, STALE_INTERVALS * interval),
    collect: async (signal) => {
      const start = clock.monotonic();
      try {
        await look(signal);
      } catch (error) {
        // That the handshake failed is for the listings to tell. A server that takes no more connections was seen by those it took.
        const isBusy = error instanceof SourceError && error.errorClass === 'refused';
        const seen = sight.within(clock.monotonic() - start + (isBusy ? interval : 0));
        if (!seen) throw error;
        return observations(source, seen);
      }
      const seen = sight.within(clock.monotonic() - start);
      return seen ? observations(source, seen) : [];
    },
  };
}

function observations({ name, kind }: SourceConfig, { leaf, chain }: CertificateTimes): Observation[] {
  const labels = { source: name, kind };
  return [
    { metric: exchangeServer.certificateExpiry, labels, value: leaf },
    { metric: exchangeServer.chainExpiry, labels, value: chain },
  ];
}
