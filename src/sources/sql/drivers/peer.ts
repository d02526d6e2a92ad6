// Packages that only some users need: peers that are installed beside Vigie where they are wanted, and loaded when a driver connects.

import { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';

/**
 * Loads an optional package. What it holds is for the caller to look at.
 * @throws SourceError of class `config` that says what to install
 */
export async function loadPeer(name: 'oracledb', driver: string): Promise<unknown> {
  // A variable, so that the compiler does not ask for the types of what may not be there.
  const specifier: string = name;
  try {
    const loaded: unknown = await import(specifier);
    return loaded;
  } catch (error) {
    const missing = errorCode(error) === 'ERR_MODULE_NOT_FOUND';
    const problem = missing ? 'which is not installed' : 'which cannot be loaded';
    throw new SourceError('connect', 'config', `driver ${driver} needs the package ${name}, ${problem}; run: npm install ${name}`);
  }
}
