// The kinds of sources. Adding one: a folder beside this file, and a line here.

import type { SourceKind } from './kind.js';
import { http } from './http/index.js';
import { log } from './log/index.js';
import { sftp } from './sftp/index.js';
import { smtp } from './smtp/index.js';
import { sql } from './sql/index.js';
import { tcp } from './tcp/index.js';
import { tls } from './tls/index.js';

export const kinds: Readonly<Record<string, SourceKind>> = { http, log, sftp, smtp, sql, tcp, tls };
