// The part of undici that an exporter needs: its client. The rest (fetch, web sockets, caches, mocks) would cost every process 13 MB more.

import { createRequire } from 'node:module';
import type { Client as UndiciClient } from 'undici';

// The version of the package is pinned, and it does not hide its files.
const require: (file: string) => typeof UndiciClient = createRequire(import.meta.url);

export const Client = require('undici/lib/dispatcher/client.js');
export type Client = UndiciClient;
