// The kinds of sources. Adding one: a folder beside this file, and a line here.

import type { SourceKind } from './kind.js';
import { dns } from './dns/index.js';
import { http } from './http/index.js';
import { icmp } from './icmp/index.js';
import { log } from './log/index.js';
import { sftp } from './sftp/index.js';
import { sql } from './sql/index.js';
import { ssh } from './ssh/index.js';

export const kinds: Readonly<Record<string, SourceKind>> = { dns, http, icmp, log, sftp, sql, ssh };
