// The kinds whose faults are tried.

import type { Kind, World } from './case.js';
import { http } from './http.js';

export const kinds: Readonly<Record<string, (world: World) => Promise<Kind>>> = { http };
