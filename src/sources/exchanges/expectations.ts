// The files that a directory should hold each day: whether they have come, and when. One that has come stays present for the day,
// also where it is taken away to be processed. No I/O; loaded only where the YAML expects a file, since time zones come with it.

import { files } from '../../conventions.js';
import type { CalendarDeclaration } from '../../domain/calendar-declaration.js';
import { isRegion } from '../../domain/calendar-declaration.js';
import type { Observation } from '../../domain/observation.js';
import { expectedAt, type Expected } from './dates.js';
import { namesPartner } from './pattern.js';
import { isRecord } from './record.js';
import type { ExpectationOptions } from './schema.js';
import type { ListedFile } from './store.js';

export interface ExpectationContext {
  readonly expectations: readonly ExpectationOptions[];
  /** Declared partners whose files the directory may hold. */
  readonly partners: readonly string[];
  /** The partner of files whose names tell none. */
  readonly partner: string | undefined;
  readonly calendar: CalendarDeclaration | undefined;
  readonly labels: (partner: string) => Readonly<Record<string, string>>;
}

/** What has come, of one expectation and partner. */
interface Arrival {
  /** The day on which it was expected. */
  readonly day: string;
  /** Unix seconds. */
  readonly time: number;
}

/** What is expected during one look. */
interface Open {
  readonly options: ExpectationOptions;
  readonly expected: Expected;
}

export class Expectations {
  readonly #context: ExpectationContext;
  /** By the name of the expectation and the partner. */
  readonly #arrivals = new Map<string, Arrival>();
  #open: readonly Open[] = [];
  #changed = false;

  constructor(context: ExpectationContext) {
    this.#context = context;
  }

  /** The regions whose public holidays must be known. */
  get regions(): readonly string[] {
    const { expectations, calendar } = this.#context;
    const needed = expectations.some(({ day, by }) => by !== undefined || day === 'previous working day');
    return needed ? (calendar?.holidays ?? []).filter(isRegion) : [];
  }

  /** Something has come since it was asked last. */
  takeChanged(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** A look begins. @param epochMs now @param holidays dates of the public holidays of `regions` */
  begin(epochMs: number, holidays: ReadonlySet<string>): void {
    const { expectations, calendar } = this.#context;
    this.#open = expectations.map((options) => {
      const zone = options.timezone ?? calendar?.timezone ?? 'UTC';
      return { options, expected: expectedAt({ expectation: options, zone, calendar }, epochMs, holidays) };
    });
  }

  /** Nothing is said of this look. */
  pause(): void {
    this.#open = [];
  }

  /** @param now Unix seconds */
  see({ name, modified = Infinity }: ListedFile, now: number): void {
    for (const { options, expected } of this.#open) {
      const match = expected.pattern?.exec(name);
      if (!match) continue;
      const key = keyOf(options, match.groups?.['partner'] ?? this.#context.partner ?? '');
      const known = this.#arrivals.get(key);
      const time = Math.min(modified, now);
      if (known?.day === expected.today && known.time >= time) continue;
      // One whose time the server does not tell came when it was first seen.
      if (known?.day === expected.today && modified === Infinity) continue;
      this.#arrivals.set(key, { day: expected.today, time });
      this.#changed = true;
    }
  }

  *observations(): Generator<Observation> {
    for (const { options, expected } of this.#open) {
      for (const partner of this.#partnersOf(options)) {
        const arrival = this.#arrivals.get(keyOf(options, partner));
        const isPresent = arrival?.day === expected.today;
        const labels = { ...this.#context.labels(partner), file: options.name ?? options.file };
        yield { metric: files.expectedPresent, labels, value: isPresent ? 1 : 0 };
        yield { metric: files.expectedTime, labels, value: isPresent ? arrival.time : 0 };
        if (expected.due !== undefined) yield { metric: files.expectedDue, labels, value: expected.due };
      }
    }
  }

  record(): unknown {
    return Object.fromEntries(this.#arrivals);
  }

  restore(saved: unknown): void {
    if (!isRecord(saved)) return;
    for (const [key, arrival] of Object.entries(saved)) {
      if (!isRecord(arrival)) continue;
      const { day, time } = arrival;
      if (typeof day === 'string' && typeof time === 'number') this.#arrivals.set(key, { day, time });
    }
  }

  #partnersOf({ file }: ExpectationOptions): readonly string[] {
    const { partners, partner } = this.#context;
    return namesPartner(file) ? partners : [partner ?? ''];
  }
}

function keyOf({ name, file }: ExpectationOptions, partner: string): string {
  return JSON.stringify([name ?? file, partner]);
}
