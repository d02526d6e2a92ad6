// Work that may never end, a regular expression on a text that it was not made for, under a limit of time.

import { createContext, Script, type Context } from 'node:vm';
import { errorCode } from '../../system-errors.js';

const script = new Script('run()');
const sandbox: { run: () => void } = { run: () => {} };
let context: Context | undefined;

/** Runs an action that awaits nothing. @returns false where it was stopped after so many milliseconds. @throws what the action throws */
export function runBounded(action: () => void, limitMs: number): boolean {
  // Only code that was started through `vm` can be stopped; that also stops what it calls, and V8's matching.
  context ??= createContext(sandbox);
  sandbox.run = action;
  try {
    script.runInContext(context, { timeout: limitMs });
    return true;
  } catch (error) {
    if (errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  } finally {
    sandbox.run = () => {};
  }
}
