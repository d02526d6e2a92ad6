// Loads the configuration in a short-lived process, so that the exporter stays small.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Loaded } from '../config/load.js';
import { StartError } from './start-error.js';

const PROGRAM = join(import.meta.dirname, 'load-process.js');

/** It lives for a fifth of a second: to collect its garbage is not worth the while. */
const LOADER_OPTIONS = ['--min-semi-space-size=16'];

/** Like `loadConfig`. @throws StartError when the process ends without an answer; its own words are on standard error then */
export function loadApart(file: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    // The advanced serialization keeps what JSON would lose: undefined, infinities.
    const loader = fork(PROGRAM, [file], {
      serialization: 'advanced',
      execArgv: LOADER_OPTIONS,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    loader.on('message', (message) => {
      if (isLoaded(message)) resolve(message);
    });
    loader.on('error', () => reject(new StartError('the process that loads the configuration could not be started')));
    loader.on('exit', (code, signal) => {
      reject(new StartError(`the process that loads the configuration ended without an answer (${signal ?? `exit code ${code}`})`));
    });
  });
}

/** Checks the outline: the other process is of this very version. */
function isLoaded(message: unknown): message is Loaded {
  return typeof message === 'object' && message !== null && 'diagnostics' in message && Array.isArray(message.diagnostics);
}
