// Loads the configuration in a short-lived process, so that the exporter stays small.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import type { Loaded } from '../config/load.js';
import { StartError } from './start-error.js';

const PROGRAM = join(import.meta.dirname, 'load-process.js');

/**
 * It mostly lives for a tenth of a second: to collect its garbage is not worth the while. With more for what is young, that of ten thousand
 * flows would take half as much again.
 */
const LOADER_OPTIONS = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/** Like `loadConfig`. @throws StartError when the process ends without an answer; its own words are on standard error then */
export function loadApart(file: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const loader = spawn(process.execPath, [...LOADER_OPTIONS, PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    loader.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    loader.on('error', () => reject(new StartError('the process that loads the configuration could not be started')));
    // All it wrote is here before it is known to have ended.
    loader.stdout.on('end', () => {
      const answer = readAnswer(Buffer.concat(chunks));
      if (answer) resolve(answer);
    });
    loader.on('close', (code, signal) => {
      reject(new StartError(`the process that loads the configuration ended without an answer (${signal ?? `exit code ${code}`})`));
    });
  });
}

/** Undefined where it is none, or only the beginning of one. */
function readAnswer(bytes: Buffer): Loaded | undefined {
  try {
    const answer: unknown = deserialize(bytes);
    return isLoaded(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Checks the outline: the other process is of this very version. */
function isLoaded(answer: unknown): answer is Loaded {
  return typeof answer === 'object' && answer !== null && 'diagnostics' in answer && Array.isArray(answer.diagnostics);
}
