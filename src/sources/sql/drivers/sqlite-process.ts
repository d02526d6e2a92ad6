// The process that reads a SQLite database for the exporter: passes requests to its thread, and is gone as soon as the exporter is.

import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type { Reply, Request } from './sqlite-messages.js';

const file = process.argv[2] ?? '';
const thread = new Worker(fileURLToPath(new URL('./sqlite-thread.js', import.meta.url)), { workerData: file });

// A query that runs delays every orderly exit, so this one is not orderly; a reader has nothing to lose.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: Request) => thread.postMessage(request, []));
thread.on('message', (reply: Reply) => process.send?.(reply));
