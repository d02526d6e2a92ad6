// How the operations of a file exchange may fail, whatever the protocol. How a server cannot be reached is for each kind to add.

import type { ErrorClass } from '../kind.js';

const OPERATION: readonly ErrorClass[] = ['not_found', 'permission', 'timeout', 'lost', 'protocol'];

/** Phases and classes for `SourceKind.errors`; the kind adds `connect` and `login` where it has them. */
export const exchangeErrors = {
  list: OPERATION,
  read: OPERATION,
  write: [...OPERATION, 'full', 'read_only'],
  space: OPERATION,
  state: ['state'],
} as const satisfies Readonly<Record<string, readonly ErrorClass[]>>;
