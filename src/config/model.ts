// The configuration as the rest of the program sees it: included files merged, references checked, defaults applied.

import type { Platform } from '../domain/dependencies.js';
import type { Maintenance } from '../domain/maintenance-windows.js';
import type { Flow } from '../domain/flow.js';
import type { Secret } from '../domain/secret.js';
import type { SourceConfig } from '../sources/kind.js';
import type { RawCalendar } from './schema.js';

export interface Team {
  readonly name: string;
  readonly title: string;
  /** URL of a Teams workflow; a secret. */
  readonly teamsWebhook: Secret | undefined;
  readonly email: string | undefined;
}

export interface Partner {
  readonly name: string;
  readonly title: string;
}

export interface Environment {
  readonly name: string;
  readonly title: string;
  readonly production: boolean;
  readonly calendar: string | undefined;
}

export interface Config {
  /** Absolute path of the file it was loaded from. */
  readonly file: string;
  /** All files read: the main one first. */
  readonly files: readonly string[];
  /** First 12 hexadecimal digits of the SHA-256 over all files. */
  readonly sha: string;
  /** The default environment. */
  readonly environment: string;
  readonly environments: readonly Environment[];
  readonly teams: readonly Team[];
  /** The team that hears of what belongs to nobody else: `defaults.team`. */
  readonly defaultTeam?: string | undefined;
  readonly partners: readonly Partner[];
  readonly calendars: Readonly<Record<string, RawCalendar>>;
  readonly maintenance?: readonly Maintenance[];
  readonly platforms?: readonly Platform[];
  readonly flows: readonly Flow[];
  readonly sources: readonly SourceConfig[];
}
