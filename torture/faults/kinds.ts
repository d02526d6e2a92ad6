// The kinds whose faults are tried.

import type { Kind, World } from './case.js';
import { dns } from './dns.js';
import { http } from './http.js';
import { smtp } from './smtp.js';
import { ssh } from './ssh.js';
import { tcp } from './tcp.js';
import { tls } from './tls.js';

export const kinds: Readonly<Record<string, (world: World) => Promise<Kind>>> = { http, tls, tcp, smtp, ssh, dns };
