// The kinds of sources. Adding one: a folder beside this file, and a line here.

import type { SourceKind } from './kind.js';
import { files } from './files/index.js';
import { ftp } from './ftp/index.js';
import { http } from './http/index.js';
import { log } from './log/index.js';
import { sftp } from './sftp/index.js';
import { sql } from './sql/index.js';

export const kinds: Readonly<Record<string, SourceKind>> = { files, ftp, http, log, sftp, sql };
