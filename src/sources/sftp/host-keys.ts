// What is remembered of the host keys of a server: of which type the accepted one is, and what the server announces.

import { hostKeys as metrics } from '../../conventions.js';
import type { Labels, Observation } from '../../domain/observation.js';
import { announcementWarnings, compareAnnounced, type Announced } from '../ssh-trust/announced.js';
import { keyType } from '../ssh-trust/fingerprint.js';
import type { HostKeys } from '../ssh-trust/host-key.js';

export class HostKeyMemory {
  readonly #address: string;
  readonly #labels: Labels;
  #announced: Announced | undefined;
  #origin = '';
  #type: string | undefined;

  constructor(address: string, labels: Labels) {
    this.#address = address;
    this.#labels = labels;
  }

  /** Fingerprints tell no type: the server is then asked for that of the key which was accepted before, whatever others it has by now. */
  expected(expected: HostKeys): HostKeys {
    return expected.types.length === 0 && this.#type !== undefined ? { ...expected, types: [this.#type] } : expected;
  }

  /** @param expected as it stands in the YAML @param shown the key that was accepted */
  announced(keys: readonly Buffer[], shown: Buffer, expected: HostKeys): void {
    this.#type = keyType(shown);
    this.#origin = expected.origin;
    this.#announced = compareAnnounced(keys, expected);
  }

  /** None where the server has announced nothing. */
  observations(): Observation[] {
    const announced = this.#announced;
    if (!announced) return [];
    const counts = {
      known: announced.known.length,
      new: announced.fresh.length,
      other: announced.other.length,
      withdrawn: announced.withdrawn.length,
    };
    return Object.entries(counts).map(([state, value]) => ({ metric: metrics.announced, labels: { ...this.#labels, state }, value }));
  }

  warnings(): string[] {
    return this.#announced ? announcementWarnings(this.#announced, this.#address, this.#origin) : [];
  }
}
