// Packages that only some users need: peers that are installed beside Vigie where they are wanted, and loaded when a driver connects.

import { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';

/**
 * Loads an optional package. What it holds is for the caller to look at.
 * @throws SourceError of class `config` that says what to install
 */
export async function loadPeer(name: string, driver: string): Promise<unknown> {
  try {
    const loaded: unknown = await import(name);
    return loaded;
  } catch (error) {
    throw new SourceError('connect', 'config', peerProblem(name, driver, errorCode(error)));
  }
}

/** @param code of the error at its import */
export function peerProblem(name: string, driver: string, code: string | undefined): string {
  const problem = code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : 'cannot be loaded';
  return `driver ${driver} needs the package ${name}, which ${problem}; run: npm install ${name}`;
}
