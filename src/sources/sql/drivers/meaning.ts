// What an error of a server means, in the tables of all drivers.

import type { ErrorClass } from '../../kind.js';

export interface Meaning {
  readonly errorClass: ErrorClass;
  /** In our own words; where there is none, the server's own message names objects only and is shown. */
  readonly message?: string;
}

/** So much of the server's own message is shown. */
export const SHOWN_CHARACTERS = 200;
